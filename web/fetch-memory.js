// Fetches first what a start from the memory snapshot waits for longest; web/pyodide-loader.js takes it. index.html holds
// this script's text. Without it, as in docs.html, the loader fetches the snapshot itself.
"use strict";
(() => {
  const { snapshot, scripts } = JSON.parse(document.getElementById("manifest").textContent);
  if (!snapshot) return; // in the tree

  // The worker checks and unpacks it while the page is parsed and painted.
  const [address, integrity] = snapshot.memory;
  window.gradientFlow.memory = new Promise((resolve, reject) => {
    const worker = new Worker("web/unpack-worker.js"); // an error here, as in some frames, is a rejection
    worker.onerror = (event) => {
      event.preventDefault(); // no failure of the page
      reject();
    };
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if (!data) return reject();
      performance.mark(address); // for web/loading-status.js: what a worker fetches is not among the page's resources
      resolve(data);
    };
    worker.postMessage([new URL(address, location.href).href, integrity]);
  });
  window.gradientFlow.memory.catch(() => {}); // the loader tells

  // Chromium keeps the compiled code of a module, but compiles the module all the same while it arrives (seen in
  // Chromium 156). Announced as a plain script, it is not compiled before it is run, and then has the kept code. At a
  // first visit there is none, and compiling on arrival is faster.
  if (!navigator.serviceWorker?.controller) return;
  for (const href of scripts) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", crossOrigin: "", href }));
  }
})();
