// What Python cannot do: say how its own loading goes. From the first paint until Python is alive, and when it never is.
"use strict";
(() => {
  const PATIENCE = 30_000; // ms without anything arriving before the line says so
  const status = document.getElementById("status");
  const text = document.getElementById("status-text");
  const bar = document.getElementById("status-bar");
  const retry = document.getElementById("retry");

  // The big files, with what they weigh unpacked (kB): what the bar counts. All else is small beside them.
  const FILES = [
    ["core.js", 1, "PyScript"],
    ["pyodide.mjs", 18, "Pyodide"],
    ["pyodide.asm.mjs", 1250, "Pyodide"],
    ["pyodide.asm.wasm", 9596, "Python"],
    ["python_stdlib.zip", 3919, "Python’s standard library"],
    ["numpy-", 3008, "numpy"],
    ["main.py", 1, "the page’s own code"],
  ];
  const total = FILES.reduce((sum, [, size]) => sum + size, 0);
  const here = new URL(".", location.href).href;
  const arrived = new Set();
  const missing = new Set();
  let cause = "";
  let over = false;
  let watchdog;

  const megabytes = (kilobytes) => (kilobytes / 1000).toFixed(1);
  const file = (url) => new URL(url, location.href).pathname.split("/").slice(-2).join("/");
  const listed = (url) => FILES.find(([name]) => url.split("/").pop().startsWith(name));
  const awaited = () => FILES.find(([name]) => !arrived.has(name));

  function show() {
    const size = FILES.filter(([name]) => arrived.has(name)).reduce((sum, [, size]) => sum + size, 0);
    bar.value = size / total;
    text.textContent = awaited()
      ? `Loading ${awaited()[2]} · ${megabytes(size)} of ${megabytes(total)} MB`
      : "Starting Python …";
  }

  // Silence is no failure yet: what arrives later goes on where this left off.
  function wait() {
    clearTimeout(watchdog);
    retry.hidden = true;
    watchdog = setTimeout(() => {
      const what = awaited() ? awaited()[2] : "Python to start";
      text.textContent = `Nothing has arrived for ${PATIENCE / 1000} seconds, still waiting for ${what}. Wait on, or try again.`;
      retry.hidden = false;
    }, PATIENCE);
  }

  // A file that is missing says more than what came of it, whichever was noticed first.
  function fail(what) {
    if (over) return;
    cause ||= what;
    clearTimeout(watchdog);
    document.documentElement.dataset.state = "failed";
    const why = missing.size ? `${[...missing].join(", ")} could not be loaded.` : cause;
    text.textContent = `The wave could not start. ${why}`;
    status.setAttribute("role", "alert");
    bar.hidden = true;
    retry.hidden = false;
  }

  // Not every missing file makes itself heard: PyScript waits for ever for a runtime or a configuration that isn't there.
  const arrivals = new PerformanceObserver((list) => {
    for (const { name, responseStatus } of list.getEntries()) {
      const isOurs = (name.startsWith(here) && !/\.(css|svg)$/.test(name)) || listed(name); // unstyled it still lives
      if (isOurs && responseStatus >= 400) missing.add(`${file(name)} (${responseStatus})`);
      else if (isOurs && responseStatus === 0) missing.add(file(name)); // no answer at all
      else if (listed(name)) arrived.add(listed(name)[0]);
    }
    if (missing.size || cause) return fail("");
    show();
    wait();
  });

  // An element that failed to load (the event does not bubble, so it is caught on its way down), or a script that threw.
  addEventListener("error", (event) => {
    if (event.target?.src) fail(`${file(event.target.src)} could not be loaded.`);
    else if (event.message) fail(String(event.message));
  }, true);
  addEventListener("unhandledrejection", (event) => fail(String(event.reason?.message ?? event.reason).split("\n")[0]));
  // PyScript has run the page's code, and that has not said that it lives: it could not even be read.
  addEventListener("py:all-done", () => setTimeout(() => fail("Python stopped before it began; the console says why.")));
  retry.addEventListener("click", () => location.reload());

  window.gradientFlowFailed = fail;
  window.gradientFlowAlive = () => {
    over = true;
    clearTimeout(watchdog);
    arrivals.disconnect();
  };

  show();
  wait();
  arrivals.observe({ type: "resource", buffered: true });
})();
