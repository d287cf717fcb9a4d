// What must be so before the first paint, and before PyScript: the theme, and empty databases.
"use strict";
(() => {
  const THEMES = ["light", "dark"]; // of anything else the system decides
  const KEY = "gradient-flow-theme";
  const root = document.documentElement;
  const asked = new URLSearchParams(location.search);

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

  show([...THEMES, "system"].includes(asked.get("theme")) ? asked.get("theme") : remembered());
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
  addEventListener("storage", ({ key, newValue }) => key === KEY && show(newValue));

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
