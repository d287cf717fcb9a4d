// On return visits, announces the runtime's large modules. index.html holds this script's text.
// Chromium keeps the compiled code of a module, but compiles the module all the same while it arrives (seen in
// Chromium 156). Announced as a plain script, it is not compiled before it is run, and then has the kept code.
"use strict";
(() => {
  function isReturn() {
    try {
      return Boolean(navigator.serviceWorker?.controller);
    } catch {
      return false; // in a frame without an origin
    }
  }
  const { scripts } = JSON.parse(document.getElementById("manifest").textContent); // none in the tree
  for (const href of isReturn() ? scripts : []) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", crossOrigin: "", href }));
  }
})();
