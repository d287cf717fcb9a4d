// On return visits, fetches what is large in a worker, which checks and unpacks it beside the page's own work; first of
// all, the memory snapshot. index.html holds this script's text. Else web/pyodide-loader.js fetches all itself: at a
// first visit the worker would begin before the first paint, which would come later.
"use strict";
(() => {
  const { snapshot, scripts } = JSON.parse(document.getElementById("manifest").textContent);
  if (!snapshot || !isReturn()) return; // there is none in the tree

  function isReturn() {
    try {
      return Boolean(navigator.serviceWorker?.controller);
    } catch {
      return false; // in a frame without an origin
    }
  }

  const waiting = new Map(); // by address: who waits for the file
  let worker;

  // Return the promise of a file's content: a WebAssembly module, or what is in a gzipped file. If it fails, whoever
  // asks fetches the file without a worker, and learns why.
  function fetchInWorker([address, integrity]) {
    return new Promise((resolve, reject) => {
      waiting.set(address, { resolve, reject });
      const file = [address, new URL(address, location.href).href, integrity];
      if (worker) worker.postMessage(file);
      else worker = startWorker(file); // an error here, as in some frames, is a rejection
    });
  }
  function startWorker(file) {
    const started = new Worker("web/fetch-worker.js", { name: JSON.stringify(file) }); // a message would come later
    started.onerror = (event) => {
      event.preventDefault(); // no failure of the page
      worker = undefined; // it answers nobody any more
      for (const { reject } of waiting.values()) reject();
    };
    started.onmessage = ({ data: [address, content] }) => {
      const { resolve, reject } = waiting.get(address);
      if (address === snapshot.rest[0]) {
        started.terminate(); // nothing comes after it, but for another try
        worker = undefined;
      }
      if (!content) return reject();
      performance.mark(address); // for web/loading-status.js: what a worker fetches is not among the page's resources
      resolve(content);
    };
    return started;
  }
  window.gradientFlow.fetchInWorker = fetchInWorker;
  window.gradientFlow.memory = fetchInWorker(snapshot.memory);
  window.gradientFlow.memory.catch(() => {}); // awaited later

  // Chromium keeps the compiled code of a module, but compiles the module all the same while it arrives (seen in
  // Chromium 156). Announced as a plain script, it is not compiled before it is run, and then has the kept code.
  for (const href of scripts) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", crossOrigin: "", href }));
  }
})();
