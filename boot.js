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
    ["python_stdlib.zip", 2545, "Python’s standard library"],
    ["numpy-", 2884, "numpy"],
    ["main.py", 1, "the page’s own code"],
  ];
  const total = FILES.reduce((sum, [, size]) => sum + size, 0);
  const arrived = new Set();
  const broken = [];
  let over = false;
  let watchdog;

  const megabytes = (kilobytes) => (kilobytes / 1000).toFixed(1);
  const file = (url) => new URL(url, location.href).pathname.split("/").slice(-2).join("/");

  function show() {
    const here = FILES.filter(([name]) => arrived.has(name)).reduce((sum, [, size]) => sum + size, 0);
    const next = FILES.find(([name]) => !arrived.has(name));
    bar.value = here / total;
    text.textContent = next
      ? `Loading ${next[2]} · ${megabytes(here)} of ${megabytes(total)} MB`
      : "Starting Python …";
  }

  function wait() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      const next = FILES.find(([name]) => !arrived.has(name));
      fail(`Nothing has arrived for ${PATIENCE / 1000} seconds${next ? `, still waiting for ${next[2]}` : ""}.`);
    }, PATIENCE);
  }

  function fail(what) {
    if (over) return;
    over = true;
    clearTimeout(watchdog);
    arrivals.disconnect();
    document.documentElement.dataset.state = "failed";
    const missing = broken.length ? ` Missing: ${[...new Set(broken)].join(", ")}.` : "";
    text.textContent = `The wave could not start. ${what}${missing}`;
    status.setAttribute("role", "alert");
    bar.hidden = true;
    retry.hidden = false;
  }

  const arrivals = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.responseStatus >= 400) broken.push(`${file(entry.name)} (${entry.responseStatus})`);
      for (const [name] of FILES) if (entry.name.split("/").pop().startsWith(name)) arrived.add(name);
    }
    if (over) return;
    show();
    wait();
  });

  // An element that failed to load (the event does not bubble, so it is caught on its way down), or a script that threw.
  addEventListener("error", (event) => {
    const address = event.target?.src || event.target?.href;
    if (address) fail(`${file(address)} could not be loaded.`);
    else if (document.documentElement.dataset.state !== "alive") fail(String(event.message));
  }, true);
  addEventListener("unhandledrejection", (event) => fail(String(event.reason?.message ?? event.reason).split("\n")[0]));
  // PyScript has run the page's code, and that has not said that it lives: it could not even be read.
  addEventListener("py:all-done", () => setTimeout(() => fail("Python stopped before it began; the console says why.")));
  retry.addEventListener("click", () => location.reload());

  window.gradientFlowFailed = fail;
  window.gradientFlowAlive = () => {
    if (over) return;
    over = true;
    clearTimeout(watchdog);
    arrivals.disconnect();
    status.hidden = true;
  };

  status.hidden = false;
  show();
  wait();
  arrivals.observe({ type: "resource", buffered: true });
})();
