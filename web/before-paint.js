// Prepares what must be in place before the first paint and before PyScript: the theme, the options of an embedded
// page, messages from the page around it, files that are dropped or pasted, and empty databases.
"use strict";

/**
 * The functions that the page's scripts and Python share. Each script adds its own.
 * @typedef {object} GradientFlow
 * @property {(message: string) => void} fail  Say why Python could not start. (loading-status.js)
 * @property {(reason: string) => void} die  Python has stopped for good: offer a new start. (loading-status.js)
 * @property {() => object[]} ready  Python runs: end the loading; return the queued events. (loading-status.js)
 * @property {(event: KeyboardEvent) => boolean} isTransportKey  Tell if a key plays or steps. (loading-status.js)
 * @property {(bundle: string, names: string[], folder: string) => Promise<void>} loadLazyBundle  (pyodide-loader.js)
 * @property {{confirm(): void, discard(): boolean, isReplaceable(url: string): boolean}} snapshot
 *   The memory that Python starts from. (pyodide-loader.js)
 * @property {{listen(callback: (messages: any[]) => void): any[], post(message: any): void}} [frame]
 *   The page around an embedded page. `listen` returns the messages that came before. (before-paint.js)
 * @property {{listen(callback: ((files: File[]) => void) | null): File[]}} [fileDrop]
 *   Dropped and pasted files. `listen` returns those that came before; null keeps them again. (before-paint.js)
 */
/** @type {GradientFlow} */
window.gradientFlow = {};

(() => {
  const THEMES = ["light", "dark"]; // otherwise the system decides
  const KEY = "gradient-flow-theme";
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  const isDocumentation = root.dataset.page === "documentation"; // docs.html
  const embedded = !isDocumentation && /^(1|true)$/i.test(asked.get("embed")?.trim());

  // These sections have moved to docs.html. Addresses that lead to them still do.
  const MOVED = /^#((installation|usage|record|props|accessibility|credits)(-heading)?|(install|prop|record|recorder)-[\w-]+|recording(-\w+)?|(default|vanishing|controlled|flow|decay)(-html|-python)?|cursor|story)$/;
  function followMoved() {
    if (MOVED.test(location.hash)) location.replace(`docs.html${location.search}${location.hash}`);
  }
  if (!isDocumentation && !embedded) {
    followMoved();
    addEventListener("hashchange", followMoved);
  }

  // Denied storage throws. Then the choice lasts for this visit.
  function storedTheme() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }
  function storeTheme(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // see above
    }
  }

  const choice = () => document.getElementById("theme");

  function show(theme) {
    const isFixed = THEMES.includes(theme);
    if (isFixed) root.dataset.theme = theme;
    else delete root.dataset.theme;
    // This also sets the background of the empty window, before any style sheet has loaded.
    document.querySelector("meta[name=color-scheme]").content = isFixed ? theme : "light dark";
    if (choice()) choice().value = isFixed ? theme : "system";
  }

  // A choice on the page removes the theme from the address. The rest of the address stays as it was written.
  function removeFromAddress() {
    const others = location.search.slice(1).split("&").filter((pair) => !/^theme(=|$)/.test(pair));
    const search = others.join("&");
    history.replaceState(history.state, "", `${location.pathname}${search && `?${search}`}${location.hash}`);
  }

  // In a frame, the page around decides. The visitor's choice on this page does not count there.
  if ([...THEMES, "system"].includes(asked.get("theme"))) show(asked.get("theme"));
  else if (!embedded) show(storedTheme());
  new MutationObserver((_, observer) => {
    if (choice()?.options.length !== THEMES.length + 1) return; // not parsed yet
    observer.disconnect();
    choice().value = root.dataset.theme ?? "system";
  }).observe(root, { childList: true, subtree: true });

  addEventListener("change", ({ target }) => {
    if (target !== choice()) return;
    storeTheme(target.value);
    show(target.value);
    if (asked.has("theme")) removeFromAddress();
  });
  // The choice was made in another tab.
  addEventListener("storage", ({ key, newValue }) => key === KEY && !embedded && show(newValue));

  // workbench.css makes as many columns as the source needs. Once Python runs, app/page/sources.py tells the source.
  const source = asked.get("source") ?? (asked.get("run") ? "recorded" : asked.get("lesson") ? "computed" : "synthesised");
  if (!isDocumentation) root.dataset.source = ["computed", "recorded"].includes(source) ? source : "synthesised";
  if (!isDocumentation && asked.get("run")) root.dataset.run = ""; // its map needs less room than the drop zone
  if (!isDocumentation) root.dataset.tab = source === "computed" ? "lesson" : "model"; // that a phone shows; app/page/tabs.py

  // embed.css does the rest. Other visits need not load it. A link that is written here holds the first paint, unlike one
  // that is appended.
  const SHOWABLE = ["figure", "transport", "bars", "verdict"];
  const shown = (asked.get("show") ?? "").split(/[\s,]+/).filter((part) => SHOWABLE.includes(part));
  if (shown.length) root.dataset.show = shown.join(" "); // also for the snippet of an iframe
  if (embedded) {
    root.dataset.embed = "";
    root.dataset.hide = (asked.get("hide") ?? "").replaceAll(",", " ");
    document.write('<link rel="stylesheet" href="web/embed.css">');
  }

  // Only messages of the page around count, from any origin. They are kept until Python listens. What is posted to that
  // page is no secret.
  if (embedded && parent !== window) {
    const REST_MS = 16; // between two deliveries to Python: a screen shows no more
    const MAX_KEPT = 20; // from here on, a message replaces earlier ones whose fields it has
    const MAX_WAITING = 100; // the oldest are dropped: their fields are wrong, or were given again since
    let kept = [];
    let deliver;
    let timer = 0;
    const replaces = (later, earlier) => Object.keys(earlier).every((name) => Object.hasOwn(later, name));
    const keep = (data) => {
      // Other layers stay unless the replacement follows at once: what is between is meant for them.
      const isReplaced = (earlier, at) =>
        replaces(data, earlier) && (at === kept.length - 1 || !Object.hasOwn(earlier, "layers"));
      if (kept.length >= MAX_KEPT) {
        kept = kept.filter((earlier, at) => !isReplaced(earlier, at)).slice(1 - MAX_WAITING);
      }
      kept.push(data);
    };
    const rest = () => {
      timer = setTimeout(() => {
        timer = 0;
        if (!kept.length) return;
        deliver(kept.splice(0));
        rest();
      }, REST_MS);
    };
    addEventListener("message", ({ source, data }) => {
      if (source !== parent || data?.type !== "gradient-flow") return;
      keep(data);
      if (!deliver || timer) return;
      deliver(kept.splice(0));
      rest();
    });
    window.gradientFlow.frame = {
      listen(callback) {
        deliver = callback;
        return kept.splice(0);
      },
      post: (message) => parent.postMessage(message, "*"),
    };
  }

  // Take files that are dropped anywhere, for which the browser would leave the page, and what is pasted outside text
  // fields. They are kept until app/page/file_drop.py listens. The browser handles drags of text.
  if (!embedded && !isDocumentation) {
    const MAX_FILES = 2000; // of a folder; reading refuses more
    const kept = [];
    const keep = (files) => kept.push(...files);
    let receive = keep;
    const isFileInput = (target) => target.closest?.("input[type=file]"); // takes files itself
    const hasFiles = ({ target, dataTransfer }) => dataTransfer?.types.includes("Files") && !isFileInput(target);
    const over = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      root.dataset.drop = "";
    };
    addEventListener("dragenter", over);
    addEventListener("dragover", over);
    addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) delete root.dataset.drop; // left the window, not just an element
    });
    // A folder's files come with their paths, which tell the runs in it apart. A folder that can't be read, or is empty,
    // is handed on as it is: reading it says so.
    const filesIn = async (entry) => {
      if (entry.isFile) {
        const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
        file.path = entry.fullPath.slice(1);
        return [file];
      }
      const reader = entry.createReader();
      const found = [];
      for (;;) {
        const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!entries.length || found.length > MAX_FILES) return found;
        for (const each of entries) found.push(...(await filesIn(each)));
      }
    };
    const inFolders = async (entries, files) => {
      const lots = entries.map((entry, at) => (entry?.isDirectory ? filesIn(entry).catch(() => []) : [files[at]]));
      const found = (await Promise.all(lots)).map((lot, at) => (lot.length ? lot : [files[at]]));
      receive(found.flat());
    };
    addEventListener("drop", (event) => {
      delete root.dataset.drop;
      if (!hasFiles(event)) return;
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
      const entries = items.map((item) => item.webkitGetAsEntry?.());
      if (entries.length === files.length && entries.some((entry) => entry?.isDirectory)) inFolders(entries, files);
      else receive(files);
    });
    addEventListener("paste", ({ target, clipboardData }) => {
      if (target.closest?.("input:not([type=radio], [type=range], [type=checkbox], [type=file]), textarea, [contenteditable]")) return;
      const text = clipboardData?.getData("text/plain");
      const files = [...(clipboardData?.files ?? [])];
      if (!files.length && text?.trim()) files.push(new File([text], "pasted text"));
      if (files.length) receive(files);
    });
    window.gradientFlow.fileDrop = {
      listen(callback) {
        receive = callback ?? keep;
        return kept.splice(0);
      },
    };
  }

  // PyScript opens databases, for packages and mounted folders, which this page does not use. It does not start if they
  // are denied, as in a frame of another site without storage. So it gets these databases, which are empty.
  function answer(result) {
    const request = {};
    queueMicrotask(() => request.onsuccess({ target: { result } })); // the caller sets onsuccess after this
    return request;
  }
  const store = { getAllKeys: () => answer([]), clear: () => answer() };
  const database = { transaction: () => ({ objectStore: () => store }), close() {} };
  Object.defineProperty(window, "indexedDB", { value: { open: () => answer(database) }, configurable: true });
})();
