// Keeps the built site, so that it comes back without the network: each release whole or not at all.
// A browser runs this apart from any page. The build writes the release in; the tree as it is keeps nothing.
"use strict";
// Each file's path from here, "" for the page itself, with its integrity; `late` are kept once they have been asked for.
const RELEASE = { version: "", files: {}, late: {} };

const KIND = `gradient-flow-viz ${registration.scope} `; // other copies on the same origin have caches of their own
const CACHE = KIND + RELEASE.version;
const here = (path) => new URL(path, registration.scope).href;

// From the former release's cache where the name says that the content is the same, else from what the browser still
// has, which costs nothing right after a visit, and only then from the network. Each was checked when it was fetched.
async function fetchOne(path, integrity) {
  const kept = /(^|[/.-])[0-9a-f]{8,}[/.-]/.test(path) && (await caches.match(here(path)));
  if (kept) return kept;
  const get = (cache) => fetch(here(path), { cache, integrity, credentials: "same-origin" });
  const answer = await get("force-cache").catch(() => get("reload"));
  if (!answer.ok) throw new Error(`${path || "the page"} answered ${answer.status}`);
  return answer;
}

async function take() {
  const cache = await caches.open(CACHE);
  try {
    for (const [path, integrity] of Object.entries(RELEASE.files)) {
      if (!(await cache.match(here(path)))) await cache.put(here(path), await fetchOne(path, integrity));
    }
    for (const path of Object.keys(RELEASE.late)) {
      const kept = await caches.match(here(path)); // of the former release, and the same: its name says so
      if (kept) await cache.put(here(path), kept);
    }
  } catch (error) {
    await caches.delete(CACHE); // never half a release
    throw error;
  }
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(KIND) && name !== CACHE).map((name) => caches.delete(name)));
}

// A file gone from the cache may come from the network if it is the same one. If it isn't, this release is no more.
async function answer(path) {
  const cache = await caches.open(CACHE).catch(() => null);
  const kept = await cache?.match(here(path));
  if (kept) return kept;
  const integrity = RELEASE.files[path] ?? RELEASE.late[path];
  const fetched = await fetch(here(path), { integrity, credentials: "same-origin" }).catch(async (error) => {
    if (navigator.onLine) await registration.unregister();
    throw error;
  });
  if (path in RELEASE.late) await cache?.put(here(path), fetched.clone()).catch(() => {}); // without room it goes as well
  return fetched;
}

function pathOf(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(registration.scope)) return null;
  const path = (url.origin + url.pathname).slice(registration.scope.length);
  return path === "index.html" ? "" : path;
}

addEventListener("install", (event) => event.waitUntil(take()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("message", (event) => event.data === "take over" && skipWaiting());
addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== null && (path in RELEASE.files || path in RELEASE.late)) event.respondWith(answer(path));
});
