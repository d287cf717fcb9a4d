"use strict"; const RELEASE = { "version": "", "files": {}, "lazy": {} }; // The build writes this line.
// Keeps the built site, so that return visits work without a network: each release as a whole or not at all.
// RELEASE has the path of each file, "" for the page itself, with its integrity. Those in `lazy` are kept after their
// first request. The tree registers no service worker.

const PREFIX = `gradient-flow-viz ${registration.scope} `; // other copies on the same origin have caches of their own
const CACHE = PREFIX + RELEASE.version;
const absolute = (path) => new URL(path, registration.scope).href;

// If the name has a hash of the content, the file may come from the former release's cache. Otherwise it comes from the
// HTTP cache, which costs nothing after a visit, or from the network. The browser checks the integrity of each.
async function fetchFile(path, integrity) {
  const kept = /(^|[/.-])[0-9a-f]{8,}[/.-]/.test(path) && (await caches.match(absolute(path)));
  if (kept && (await isSound(kept, integrity))) return kept;
  const get = (cache) => fetch(absolute(path), { cache, integrity, credentials: "same-origin" });
  const response = await get("force-cache").catch(() => get("reload"));
  if (!response.ok) throw new Error(`${path || "the page"} answered ${response.status}`);
  return response.redirected ? new Response(response.body, response) : response; // browsers refuse a kept redirect
}

// True if a kept response has the bytes of the release. A disk may have damaged it.
async function isSound(response, integrity) {
  const digest = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}` === integrity;
}

async function install() {
  const cache = await caches.open(CACHE);
  try {
    for (const [path, integrity] of Object.entries(RELEASE.files)) {
      const there = await cache.match(absolute(path));
      if (!there || !(await isSound(there, integrity))) await cache.put(absolute(path), await fetchFile(path, integrity));
    }
    for (const [path, integrity] of Object.entries(RELEASE.lazy)) {
      const kept = await caches.match(absolute(path)); // from the former release: the hash in the name is the same
      if (kept && (await isSound(kept, integrity))) await cache.put(absolute(path), kept);
    }
  } catch (error) {
    await caches.delete(CACHE); // never half a release
    throw error;
  }
}

async function deleteOtherReleases() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(others.map((name) => caches.delete(name)));
}

// For a page that did not start: remove the damaged files, so that they are fetched again.
async function removeDamaged() {
  const cache = await caches.open(CACHE);
  for (const [path, integrity] of Object.entries({ ...RELEASE.files, ...RELEASE.lazy })) {
    const kept = await cache.match(absolute(path));
    if (kept && !(await isSound(kept, integrity))) await cache.delete(absolute(path));
  }
}

// A file that is not in the cache is fetched. If the host has no such file now, or another one, this release can no
// longer be served. A host that does not answer says nothing about that.
async function respond(path) {
  const cache = await caches.open(CACHE).catch(() => null);
  const kept = await cache?.match(absolute(path));
  if (kept) return kept;
  const integrity = RELEASE.files[path] ?? RELEASE.lazy[path];
  const fetched = await fetch(absolute(path), { integrity, credentials: "same-origin" }).catch(async (error) => {
    const response = await fetch(absolute(path), { cache: "no-store", credentials: "same-origin" }).catch(() => null);
    if (response?.ok || response?.status === 404) registration.unregister(); // not awaited: pages may still use it
    throw error;
  });
  await cache?.put(absolute(path), fetched.clone()).catch(() => {}); // there may be no room
  return fetched;
}

function pathOf(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(registration.scope)) return null;
  const path = (url.origin + url.pathname).slice(registration.scope.length);
  if (path === "index.html") return "";
  return `${path}.html` in RELEASE.files ? `${path}.html` : path; // some hosts serve docs.html as docs
}

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(deleteOtherReleases()));
addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data === "take over") skipWaiting();
  if (event.data === "remove damaged") event.waitUntil(removeDamaged().finally(() => port?.postMessage("done")));
});
addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== null && (path in RELEASE.files || path in RELEASE.lazy)) event.respondWith(respond(path));
});
