// What Python cannot do: say how its own loading goes. From the first paint until Python is alive, and when it never is.
"use strict";
(() => {
  const KEPT = ["click", "input", "keydown"];
  const KEYS = [" ", "ArrowLeft", "ArrowRight", "Home", "End"];
  const PATIENCE = 30_000; // ms without anything arriving before the line says so
  const status = document.getElementById("status");
  const text = document.getElementById("status-text");
  const bar = document.getElementById("status-bar");
  const retry = document.getElementById("retry");

  // What the wave waits for, in the order in which it is asked for, with what it weighs unpacked (kB).
  const FILES = [
    ["start-pyscript.js", 1, "PyScript"],
    ["pyodide-loader.js", 7, "PyScript"],
    ["core.js", 1, "PyScript"],
    ["core-", 136, "PyScript"],
    ["pyscript.", 1, "the page’s configuration"],
    ["pyodide.mjs", 18, "Pyodide"],
    ["pyodide.asm.mjs", 1250, "Pyodide"],
    ["pyodide.asm.wasm", 9596, "Python"],
    ["python_stdlib.", 3919, "Python’s standard library"],
    ["pyodide-lock.json", 1, "Pyodide’s list of packages"],
    ["main.py", 1, "the page’s own code"],
  ];
  const total = FILES.reduce((sum, [, size]) => sum + size, 0);
  const here = new URL(".", location.href).href;
  const arrived = new Set();
  const missing = new Map(); // files that did not come, and how
  const doubtful = new Map(); // files that came, but perhaps not as they should: named only where the start fails
  let cause = "";
  let over = false;
  let watchdog;

  const figure = document.getElementById("figure");
  const play = document.getElementById("play");
  const slider = document.getElementById("layer");
  const form = document.getElementById("customize");
  const kept = []; // what was done before Python was there to do it

  const megabytes = (kilobytes) => (kilobytes / 1000).toFixed(1);
  const file = (url) => new URL(url, location.href).pathname.split("/").slice(-2).join("/");
  const listed = (url) => FILES.find(([name]) => url.split("/").pop().startsWith(name));
  const awaited = () => FILES.find(([name]) => !arrived.has(name));

  function show() {
    const size = FILES.filter(([name]) => arrived.has(name)).reduce((sum, [, size]) => sum + size, 0);
    bar.value = size / total;
    const loading = awaited()
      ? `Loading ${awaited()[2]} · ${megabytes(size)} of ${megabytes(total)} MB`
      : "Starting Python …";
    text.textContent = kept.length ? `${loading} · what you did is kept` : loading;
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
    window.gradientFlowMemory?.drop().then((dropped) => dropped && location.reload());
    document.documentElement.dataset.state = "failed";
    const named = [...(missing.size ? missing : doubtful)].map(([name, how]) => `${name} ${how}.`);
    text.textContent = ["The wave could not start.", ...named, missing.size ? "" : cause].join(" ").trim();
    status.setAttribute("role", "alert");
    bar.hidden = true;
    retry.hidden = false;
  }

  // Kept as it comes, to be done by Python in its order. A wave that is to stop stops at once, though: it runs by CSS.
  function keep(event) {
    const { type, target, key } = event;
    const control = target.closest?.("[data-transport], [data-preset], [data-copy], [data-download], #open-run, #customize input");
    if (!event.isTrusted || (type === "click" && !control?.matches("button"))) return;
    if (type === "input" && !control) return;
    if (type === "keydown") {
      if (!KEYS.includes(key) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const own = target.closest('input, select, textarea, button, a, summary, [tabindex="0"]'); // with keys of their own …
      const free = own?.matches("[data-transport]") && (own === slider) === (key === " "); // … but not all of them
      const isReadOn = [figure, form].every((part) => part.getBoundingClientRect().bottom <= 0); // out of view, further up
      if (own ? !free : isReadOn) return;
      event.preventDefault();
    }
    kept.push({ type, target: control ?? target, key, value: control?.value });
    if ((type === "click" && control === play) || key === " ") pauseWave(figure.dataset.prelude !== "paused");
    else if (control?.matches("[data-transport]") || type === "keydown") pauseWave(true);
    if (document.documentElement.dataset.state === "loading") show();
  }
  function pauseWave(paused) {
    if (!("prelude" in figure.dataset) || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    figure.dataset.prelude = paused ? "paused" : "";
    play.textContent = paused ? "Play" : "Pause";
    play.dataset.playing = String(!paused);
  }

  // A build knows what each file weighs, and browsers run code only if it comes as what it is.
  function doubt(url, size, type) {
    const [, expected] = listed(url);
    const wasm = url.endsWith(".wasm"); // fails without a word, so that it is not waited for
    const wanted = wasm ? /^application\/wasm$/ : /\.m?js$/.test(url) ? /javascript/ : /./;
    if (document.documentElement.dataset.release && size && Math.abs(Math.max(size, 1) - expected) > 1)
      (wasm ? missing : doubtful).set(file(url), `arrived damaged: ${size.toFixed(0)} of ${expected} kB`);
    else if (type && !wanted.test(type)) (wasm ? missing : doubtful).set(file(url), `was served as ${type}`);
  }

  // Not every missing file makes itself heard: PyScript waits for ever for a runtime or a configuration that isn't there.
  const arrivals = new PerformanceObserver((list) => {
    for (const { name, responseStatus, decodedBodySize, contentType } of list.getEntries()) {
      const isOurs = (name.startsWith(here) && !/\.(css|svg)$/.test(name)) || listed(name); // unstyled it still lives
      if (isOurs && responseStatus >= 400) missing.set(`${file(name)} (${responseStatus})`, "could not be loaded");
      else if (isOurs && responseStatus === 0) missing.set(file(name), "could not be loaded"); // no answer at all
      else if (listed(name)) {
        arrived.add(listed(name)[0]);
        doubt(name, decodedBodySize / 1000, contentType);
      }
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

  // The built site keeps itself for the next visit, and says when it has a newer release; the tree as it is has none.
  async function keepSite() {
    const workers = navigator.serviceWorker; // not there in some private windows, nor where the address isn't secure
    if (!workers || !document.documentElement.dataset.release) return;
    if ("embed" in document.documentElement.dataset) return; // on somebody's page it keeps nothing on the visitor's disk
    const registration = await workers.register("sw.js");
    const offer = () => {
      if (registration.waiting && workers.controller) document.getElementById("update").hidden = false;
    };
    const watch = () => registration.installing?.addEventListener("statechange", offer);
    registration.addEventListener("updatefound", watch);
    document.getElementById("use-update").addEventListener("click", () => {
      workers.addEventListener("controllerchange", () => location.reload());
      registration.waiting?.postMessage("take over");
    });
    watch();
    offer();
    await workers.ready;
    const idle = window.requestIdleCallback ?? setTimeout;
    idle(() => window.gradientFlowMemory?.keep().catch(() => {})); // where nothing may be kept, Python starts anew
  }

  window.gradientFlowFailed = fail;
  window.gradientFlowAlive = () => {
    over = true;
    for (const type of KEPT) document.removeEventListener(type, keep, true);
    clearTimeout(watchdog);
    arrivals.disconnect();
    window.gradientFlowMemory?.trust().catch(() => {});
    keepSite().catch((error) => console.info(`This page could not be kept for the next visit: ${error.message}`));
    return kept;
  };

  const asked = new URLSearchParams(location.search);
  if (asked.has("layer") || asked.get("playing") === "0") figure.dataset.prelude = "still"; // a view that stands still
  for (const type of KEPT) document.addEventListener(type, keep, true);
  show();
  wait();
  arrivals.observe({ type: "resource", buffered: true });
})();
