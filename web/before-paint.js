// What must be so before the first paint and before PyScript: the theme, what the address asks of an embedded page, the
// way to the page around it, files that are dropped or pasted, and empty databases.
"use strict";
(() => {
  const THEMES = ["light", "dark"]; // of anything else the system decides
  const KEY = "gradient-flow-theme";
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);
  const embedded = /^(1|true)$/i.test(asked.get("embed")?.trim());

  // Storage may be denied, which throws: the choice then holds for this visit.
  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }
  function remember(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // as said
    }
  }

  const choice = () => document.getElementById("theme");

  function show(theme) {
    const decided = THEMES.includes(theme);
    if (decided) root.dataset.theme = theme;
    else delete root.dataset.theme;
    // Also what the empty window is painted in, before any style sheet has come.
    document.querySelector("meta[name=color-scheme]").content = decided ? theme : "light dark";
    if (choice()) choice().value = decided ? theme : "system";
  }

  // Once it is chosen here the address says nothing of it any more; the rest of it stays as it is written.
  function forgetAddress() {
    const others = location.search.slice(1).split("&").filter((pair) => !/^theme(=|$)/.test(pair));
    const search = others.join("&");
    history.replaceState(history.state, "", `${location.pathname}${search && `?${search}`}${location.hash}`);
  }

  // In a frame the page around decides, and what was chosen on the page itself is no matter.
  if ([...THEMES, "system"].includes(asked.get("theme"))) show(asked.get("theme"));
  else if (!embedded) show(remembered());
  new MutationObserver((_, observer) => {
    if (choice()?.options.length !== THEMES.length + 1) return; // not parsed yet
    observer.disconnect();
    choice().value = root.dataset.theme ?? "system";
  }).observe(root, { childList: true, subtree: true });

  addEventListener("change", ({ target }) => {
    if (target !== choice()) return;
    remember(target.value);
    show(target.value);
    if (asked.has("theme")) forgetAddress();
  });
  // Chosen in another tab.
  addEventListener("storage", ({ key, newValue }) => key === KEY && !embedded && show(newValue));

  // The style sheet does the rest.
  if (embedded) {
    root.dataset.embed = "";
    root.dataset.hide = (asked.get("hide") ?? "").replaceAll(",", " ");
  }

  // Heard is the page around alone, of whichever origin. What it says before Python hears is kept; what it is told is
  // no secret.
  if (embedded && parent !== window) {
    const kept = [];
    let hear = (data) => kept.push(data);
    addEventListener("message", ({ source, data }) => source === parent && hear(data));
    window.gradientFlowFrame = {
      hear(callback) {
        hear = callback;
        return kept;
      },
      say: (message) => parent.postMessage(message, "*"),
    };
  }

  // Files dropped anywhere, for which the browser would leave the page, and what is pasted but in a text field: kept until
  // app/page/file_drop.py hears. Drags of text stay the browser's.
  if (!embedded) {
    const kept = [];
    const keep = (files) => kept.push(...files);
    let hear = keep;
    const chooses = (target) => target.closest?.("input[type=file]"); // takes them by itself
    const brings = ({ target, dataTransfer }) => dataTransfer?.types.includes("Files") && !chooses(target);
    const over = (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      root.dataset.drop = "";
    };
    addEventListener("dragenter", over);
    addEventListener("dragover", over);
    addEventListener("dragleave", ({ relatedTarget }) => {
      if (!relatedTarget) delete root.dataset.drop; // out of the window, and not from one element to the next
    });
    addEventListener("drop", (event) => {
      delete root.dataset.drop;
      if (!brings(event)) return;
      event.preventDefault();
      hear([...event.dataTransfer.files]);
    });
    addEventListener("paste", ({ target, clipboardData }) => {
      if (target.closest?.("input:not([type=radio], [type=range], [type=checkbox], [type=file]), textarea, [contenteditable]")) return;
      const text = clipboardData?.getData("text/plain");
      const files = [...(clipboardData?.files ?? [])];
      if (!files.length && text?.trim()) files.push(new File([text], "pasted text"));
      if (files.length) hear(files);
    });
    window.gradientFlowArrivals = {
      hear(callback) {
        hear = callback ?? keep;
        return kept.splice(0);
      },
    };
  }

  // PyScript opens databases, of packages and of mounted folders, that this page has no use for, and doesn't start where
  // they are denied, as in a frame where third parties may store nothing. It finds these, which are empty.
  function answer(result) {
    const request = {};
    queueMicrotask(() => request.onsuccess({ target: { result } })); // it is given that function after this
    return request;
  }
  const store = { getAllKeys: () => answer([]), clear: () => answer() };
  const database = { transaction: () => ({ objectStore: () => store }), close() {} };
  Object.defineProperty(window, "indexedDB", { value: { open: () => answer(database) }, configurable: true });
})();
