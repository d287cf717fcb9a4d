// Shows how Python's loading goes, from the first paint until Python runs, and says why if it cannot run. Queues what
// the visitor does meanwhile. docs.html has no figure of its own, no transport and no form.
"use strict";
(() => {
  const QUEUED = ["click", "input", "keydown"];
  const KEYS = [" ", "ArrowLeft", "ArrowRight", "Home", "End"];
  const SILENCE_MS = 30_000; // without a file arriving, until the line says so
  const REPAIR_MS = 10_000; // the longest wait for the service worker before a reload
  const UNWRITTEN_MS = 2_000; // after which Python has read what was typed and written it into the address
  const IN_A_ROW_MS = 60_000; // between two ends of Python of which the second is the address's fault, perhaps
  const TYPED = "gradient-flow-viz typed"; // in sessionStorage, from one start to the next
  const ENDED = "gradient-flow-viz ended"; // the same: when Python ended last
  const status = document.getElementById("status");
  const text = document.getElementById("status-text");
  const bar = document.getElementById("status-bar");
  const retry = document.getElementById("retry");

  // `files` has the beginning of each name, kB unpacked and a label, in the order of the requests.
  const { files, release } = JSON.parse(document.getElementById("manifest").textContent);
  if (release) document.documentElement.dataset.release = release;
  const total = files.reduce((sum, [, size]) => sum + size, 0);
  const here = new URL(".", location.href).href;
  const arrived = new Set();
  const missing = new Map(); // files that failed, with the reason
  const doubtful = new Map(); // files that may be wrong, with the reason: named only if the start fails
  let cause = "";
  let isOver = false;
  let watchdog;

  const figure = document.getElementById("figure");
  const play = document.getElementById("play");
  const slider = document.getElementById("layer");
  const form = document.getElementById("customize");
  const measured = document.getElementById("measured");
  const subject = figure ? "The wave" : "The page’s Python";
  const queue = []; // what the visitor did, for Python to do

  const megabytes = (kilobytes) => (kilobytes / 1000).toFixed(1);
  const shortPath = (url) => new URL(url, location.href).pathname.split("/").slice(-2).join("/");
  const listed = (url) => !url.includes("/whole/") && files.find(([name]) => url.split("/").pop().startsWith(name));
  const awaited = () => files.find(([name]) => !arrived.has(name));

  function show() {
    const size = files.filter(([name]) => arrived.has(name)).reduce((sum, [, size]) => sum + size, 0);
    bar.value = size / total;
    const loading = awaited()
      ? `Loading ${awaited()[2]} · ${megabytes(size)} of ${megabytes(total)} MB`
      : "Starting Python …";
    text.textContent = queue.length ? `${loading} · what you did is kept` : loading;
  }

  // A long silence is not a failure: a file that arrives later is still used.
  function wait() {
    clearTimeout(watchdog);
    retry.hidden = true;
    watchdog = setTimeout(() => {
      const label = awaited() ? awaited()[2] : "Python to start";
      text.textContent = `Nothing has arrived for ${SILENCE_MS / 1000} seconds, still waiting for ${label}. Wait on, or try again.`;
      retry.hidden = false;
    }, SILENCE_MS);
  }

  // A missing file explains more than the errors that follow from it, so it is named first. An error that the memory
  // snapshot may have caused reloads the page, which then starts without it.
  function fail(message, mayBeSnapshot = true) {
    if (isOver) return;
    cause ||= message;
    clearTimeout(watchdog);
    if (mayBeSnapshot && !missing.size && window.gradientFlow.snapshot?.discard()) location.reload();
    document.documentElement.dataset.state = "failed";
    const named = [...(missing.size ? missing : doubtful)].map(([name, reason]) => `${name} ${reason}.`);
    text.textContent = [`${subject} could not start.`, ...named, missing.size ? "" : cause].join(" ").trim();
    status.setAttribute("role", "alert");
    bar.hidden = true;
    retry.hidden = false;
  }

  // The keys of the transport, before Python runs and after. A control keeps its own keys: a transport button has Space,
  // the slider the others. Out of view, further up, figure, form and bars leave the keys to scrolling.
  function isTransportKey({ key, target, ctrlKey, altKey, metaKey, shiftKey }) {
    if (!KEYS.includes(key) || ctrlKey || altKey || metaKey || shiftKey) return false;
    const own = target.closest?.('input, select, textarea, button, a, summary, [contenteditable], [tabindex="0"]');
    if (own) return own.matches("[data-transport]") && (own === slider) === (key === " ");
    return [figure, form, measured].some((part) => part?.getBoundingClientRect().bottom > 0);
  }

  // Queue an event for Python. The wave runs by CSS until then, so it can stop at once.
  function enqueue(event) {
    const { type, target, key } = event;
    const control = target.closest?.("[data-transport], [data-preset], [data-copy], [data-download], #customize input");
    if (!event.isTrusted || (type === "click" && !control?.matches("button"))) return;
    if (type === "input" && !control) return;
    if (type === "keydown") {
      if (!isTransportKey(event)) return;
      event.preventDefault();
    }
    queue.push({ type, target: control ?? target, key, value: control?.value });
    if ((type === "click" && control === play) || key === " ") pauseWave(figure.dataset.prerendered !== "paused");
    else if (control?.matches("[data-transport]") || type === "keydown") pauseWave(true);
    if (document.documentElement.dataset.state === "loading") show();
  }
  function pauseWave(paused) {
    if (!("prerendered" in figure.dataset) || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    figure.dataset.prerendered = paused ? "paused" : "";
    play.textContent = paused ? "Play" : "Pause";
    play.dataset.playing = String(!paused);
  }

  // The build knows each file's size, and browsers run code only if it has the right content type.
  function inspect(url, size, type) {
    const [, expected] = listed(url);
    const isWasm = url.endsWith(".wasm"); // fails silently, so it counts as missing
    const wanted = isWasm ? /^application\/wasm$/ : /\.m?js$/.test(url) ? /javascript/ : /./;
    if (release && size && Math.abs(Math.max(size, 1) - expected) > 1)
      (isWasm ? missing : doubtful).set(shortPath(url), `arrived damaged: ${size.toFixed(0)} of ${expected} kB`);
    else if (type && !wanted.test(type)) (isWasm ? missing : doubtful).set(shortPath(url), `was served as ${type}`);
  }

  // PyScript waits for ever for a missing runtime or configuration, without an error.
  const observer = new PerformanceObserver((list) => {
    for (const { name, responseStatus, decodedBodySize, contentType } of list.getEntries()) {
      // The page works without style sheets and icon.
      const isNeeded = !window.gradientFlow.snapshot?.isReplaceable(name);
      const isOurs = isNeeded && ((name.startsWith(here) && !/\.(css|svg)$/.test(name)) || listed(name));
      if (isOurs && responseStatus >= 400) missing.set(`${shortPath(name)} (${responseStatus})`, "could not be loaded");
      else if (isOurs && responseStatus === 0) missing.set(shortPath(name), "could not be loaded"); // no response
      else if (listed(name)) {
        arrived.add(listed(name)[0]);
        if (isNeeded) inspect(name, decodedBodySize / 1000, contentType);
      }
    }
    if (missing.size || cause) return fail("", false);
    show();
    wait();
  });

  // An element that failed to load, or a script that threw. The first event does not bubble, so it is captured.
  addEventListener("error", (event) => {
    if (event.target?.src) fail(`${shortPath(event.target.src)} could not be loaded.`, false);
    else if (/\bMemoryError\b/.test(event.message)) die("it has no more memory");
    else if (event.message) fail(String(event.message));
  }, true);
  addEventListener("unhandledrejection", (event) => fail(String(event.reason?.message ?? event.reason).split("\n")[0]));
  // PyScript has run the page's code, but that did not call `ready`: it has a syntax error.
  addEventListener("py:all-done", () => setTimeout(() => fail("Python stopped before it began; the console says why.")));
  retry.addEventListener("click", tryAgain);

  // Python can end later: a stack that is too deep, or a lack of memory, stops it for good.
  const typed = new Map(); // by the field's id, its last text and when that was typed
  function die(reason) {
    if (!isOver) return fail(`Python has stopped: ${reason}.`);
    if (document.documentElement.dataset.state === "stopped") return;
    document.documentElement.dataset.state = "stopped";
    const endedAt = Date.now();
    const isRepeated = endedAt - Number(kept(ENDED)) < IN_A_ROW_MS;
    keep(ENDED, isRepeated ? 0 : endedAt);
    const next = form
      ? "A new start keeps the view and what was typed. Training steps and files that were read are lost."
      : "A new start runs the examples again.";
    text.textContent = `Python has stopped (${reason}), so the page does not answer any more. ${isRepeated
      ? "That was the second time in a row: a new start leaves out the address and what was typed."
      : next}`;
    status.setAttribute("role", "alert");
    bar.hidden = true;
    retry.hidden = false;
    retry.textContent = "Start anew";
    status.scrollIntoView({ block: "nearest" });
    retry.removeEventListener("click", tryAgain);
    retry.addEventListener("click", () => {
      if (isRepeated) return location.assign(location.pathname);
      const isLost = ([id, { at }]) => at > endedAt - UNWRITTEN_MS || document.getElementById(id)?.ariaInvalid === "true";
      keep(TYPED, JSON.stringify([...typed].filter(isLost).map(([id, { value }]) => [id, value])));
      location.reload();
    });
  }
  function noteTyped({ target }) {
    if (target.id && target.type !== "file" && target.type !== "checkbox") typed.set(target.id, { value: target.value, at: Date.now() });
  }
  function enqueueTyped() {
    const stored = form && kept(TYPED);
    if (!stored) return;
    keep(TYPED, "");
    for (const [id, value] of JSON.parse(stored)) {
      const target = document.getElementById(id); // the fields of a panel come later
      if (target) queue.push({ type: "input", target, value });
    }
  }

  // Denied storage throws. Then a new start has only the address.
  function kept(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }
  function keep(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // nothing is kept
    }
  }

  // A kept file may be damaged, and would be served again. So a newer release takes over, or the damaged files go.
  async function tryAgain() {
    retry.disabled = true;
    const registration = await navigator.serviceWorker?.getRegistration().catch(() => null);
    await Promise.race([registration && repair(registration), new Promise((done) => setTimeout(done, REPAIR_MS))]);
    location.reload();
  }
  function repair({ waiting, active }) {
    return new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      navigator.serviceWorker.addEventListener("controllerchange", done);
      if (waiting) waiting.postMessage("take over");
      else if (active) active.postMessage("remove damaged", [port2]);
      else done();
    });
  }

  // The built site is kept for the next visit, and a newer release is offered. The tree has no release.
  async function keepSite() {
    const workers = navigator.serviceWorker; // missing in some private windows and on insecure addresses
    if (!workers || !release) return;
    if ("embed" in document.documentElement.dataset) return; // in another page, nothing is kept on the visitor's disk
    const registration = await workers.register("sw.js");
    const offer = () => {
      if (registration.waiting && workers.controller) document.getElementById("update").hidden = false;
    };
    const watch = () => registration.installing?.addEventListener("statechange", offer);
    registration.addEventListener("updatefound", watch);
    const isKept = Boolean(workers.controller); // otherwise the first release takes this page later
    let isTaken = false;
    workers.addEventListener("controllerchange", () => {
      if (isTaken) location.reload();
      else if (isKept) document.getElementById("update").hidden = false; // another tab has taken the newer release
    });
    document.getElementById("use-update").addEventListener("click", () => {
      isTaken = true;
      if (registration.waiting) registration.waiting.postMessage("take over");
      else location.reload();
    });
    watch();
    offer();
  }

  function ready() {
    isOver = true;
    for (const type of QUEUED) document.removeEventListener(type, enqueue, true);
    form?.addEventListener("input", noteTyped);
    clearTimeout(watchdog);
    observer.disconnect();
    window.gradientFlow.snapshot?.confirm();
    keepSite().catch((error) => console.info(`This page could not be kept for the next visit: ${error.message}`));
    return queue;
  }

  window.gradientFlow ??= {}; // typed in before-paint.js
  Object.assign(window.gradientFlow, { fail, die, ready, isTransportKey });

  const asked = new URLSearchParams(location.search);
  const isStill = asked.has("layer") || asked.get("playing") === "0";
  if (isStill && figure) figure.dataset.prerendered = "still";
  for (const type of QUEUED) document.addEventListener(type, enqueue, true);
  enqueueTyped();
  show();
  wait();
  observer.observe({ type: "resource", buffered: true });
})();
