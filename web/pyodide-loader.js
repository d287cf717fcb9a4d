// Starts Pyodide while PyScript is still being loaded, and then hands it to PyScript: pyscript.toml names this module
// as its interpreter. On the built site, all Python modules are written into Pyodide's file system before Python
// starts. There, a worker runs this same file: it saves a snapshot of Python's memory after it has imported those
// modules. Return visits start from the snapshot.
import { loadPyodide as load, version } from "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/pyodide.mjs";
export { version };

const isPage = "document" in globalThis;
const manifest = JSON.parse(isPage ? document.getElementById("manifest").textContent : globalThis.name);

const PYODIDE = new URL("https://cdn.jsdelivr.net/pyodide/v314.0.4/full/", import.meta.url).href;
const PAGE = new URL("..", import.meta.url).href; // the page's folder: this script is in a folder of it
const BUNDLES = manifest.bundles; // none in the tree, where PyScript loads the files one by one
const LAZY_BUNDLES = manifest.lazyBundles;
const NO_LIBRARY_ZIP = { stdLibURL: `${PYODIDE}nothing.zip`, env: { PYTHONPATH: "/lib/python3.14" } };
const CACHE = `gradient-flow-viz ${PAGE} snapshot`; // sw.js deletes it when a new release takes over
const SNAPSHOT = new URL(`snapshot?${BUNDLES.join("&")}`, PYODIDE).href; // of exactly these modules
const IN_USE = `${SNAPSHOT}&in-use`; // exists from a start with the snapshot until Python runs: a crash is not repeated
const STEPS = ["tokenize", "_pyodide", "traceback", "logging", "asyncio"]; // as Pyodide and the page import them
const NO_GC = "import gc; gc.disable()"; // a start makes almost no garbage; app/main.py enables collection again
const TIMEOUT_MS = 30_000; // for a lazy bundle
const BLOCK_BYTES = 4_096; // the snapshot keeps or drops memory in blocks of this size
const CHECK = "import random; random.seed()"; // shows that Python works; without it every visit draws the same numbers

const output = { stdout: console.log, stderr: console.error };

// Each step of a start is a task of its own, so that the page can answer a key or paint a frame in between.
function yieldToBrowser() {
  return globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
}

// tools/archives.py packs a bundle: gzip over the index's length, the index as JSON, and the files in its order.
async function fetchBundle(address) {
  const response = await fetch(new URL(address, PAGE), { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return unpackBundle(response);
}
async function unpackBundle(response) {
  const content = await new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const start = 4 + new DataView(content).getUint32(0, true);
  let at = start;
  return JSON.parse(new TextDecoder().decode(content.slice(4, start))).map(([path, size]) => {
    const bytes = new Uint8Array(content.slice(at, (at += size)));
    return { path, bytes, compiled: path.endsWith(".so") && WebAssembly.compile(bytes) };
  });
}

// Machine code is loaded before the Python files are written: Python may import what it finds.
async function writeFiles(module, files) {
  const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  const write = ({ path, bytes }) => module.FS.writeFile(path, bytes, { canOwn: true });
  for (const folder of folders) module.FS.mkdirTree(folder);
  for (const file of files.filter(({ compiled }) => compiled)) {
    const { path, compiled } = file;
    write(file);
    const options = { loadAsync: true, nodelete: true, allowUndefined: true };
    await yieldToBrowser();
    module.preloadedWasm[path] = await module.loadWebAssemblyModule(await compiled, options, path, {});
    await module.loadDynamicLibrary(path, { loadAsync: true, nodelete: true, global: false });
  }
  files.filter(({ compiled }) => !compiled).forEach(write);
}

// Without this, Pyodide and the page would import all of it in one task. An import that fails here fails there too, and
// is reported there.
async function importInSteps(module) {
  for (const name of STEPS) {
    await yieldToBrowser();
    module.API.rawRun(`__import__("${name}")`);
  }
  await yieldToBrowser();
  return module;
}

function startPyodide(more = {}) {
  const stdout = (text) => output.stdout(text);
  const stderr = (text) => output.stderr(text);
  const options = { indexURL: PYODIDE, stdout, stderr, ...more };
  if (!BUNDLES.length) return load(options);
  const engine = import(`${PYODIDE}pyodide.asm.mjs`);
  const files = Promise.all(BUNDLES.map(fetchBundle)).then((all) => all.flat());
  const createPyodideModule = (settings) =>
    new Promise((resolve, reject) => {
      settings.preRun.push((module) => {
        module.addRunDependency("bundles");
        module.FS.mkdirTree(module.API.sitePackages);
        module.FS.writeFile(`${module.API.sitePackages}/sitecustomize.py`, NO_GC);
        const written = files.then((all) => writeFiles(module, all)).then(yieldToBrowser);
        written.then(() => module.removeRunDependency("bundles"), reject);
      });
      const created = engine.then(({ default: create }) => create(settings));
      created.then(more._loadSnapshot ? undefined : importInSteps).then(resolve, reject);
    });
  return load({ ...options, ...NO_LIBRARY_ZIP, createPyodideModule });
}

// The page

let startedFromSnapshot = false;
let marking = Promise.resolve();

// Python starts after the page has been parsed, so that the picture comes first. The snapshot is read meanwhile.
const snapshot = isPage && caught(findSnapshot());
const started = isPage && interactive().then(start).then(watchForItsEnd);

// A promise that is awaited later. Until then, a rejection is not reported as unhandled.
function caught(promise) {
  promise.catch(() => {});
  return promise;
}

function interactive() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((done) => document.addEventListener("readystatechange", done, { once: true }));
}

async function start() {
  try {
    const found = await snapshot;
    if (!found) return startPyodide();
    const python = await startPyodide({ _loadSnapshot: found.bytes });
    python.runPython(CHECK);
    startedFromSnapshot = true;
    performance.mark("python-from-snapshot");
    return python;
  } catch (error) {
    console.info(`Python starts without its snapshot, which could not be used: ${error.message}`);
    await deleteSnapshot();
    return startPyodide();
  }
}

// Pyodide calls `on_fatal` once when Python can't go on, and from then on throws whatever is asked of it.
function watchForItsEnd(python) {
  python._api.on_fatal = (error) => window.gradientFlow.die(reasonOf(error));
  return python;
}
function reasonOf(error) {
  const message = String(error?.message ?? error).split("\n")[0].replace(/\.$/, "");
  return /out of memory|OOM|enlarge memory/i.test(message) ? "it has no more memory" : message;
}

// Return the snapshot of an earlier visit, with a promise of its bytes; null if there is none, if another browser made
// it, or if an earlier start with it failed.
async function findSnapshot() {
  if (!BUNDLES.length || !navigator.serviceWorker?.controller) return null; // a first visit has none
  const cache = await caches.open(CACHE);
  const [found, inUse] = await Promise.all([cache.match(SNAPSHOT), cache.match(IN_USE)]);
  if (!found) return null;
  if (inUse || found.headers.get("Made-By") !== navigator.userAgent) {
    await deleteSnapshot();
    return null;
  }
  marking = cache.put(IN_USE, new Response("")).catch(() => {});
  return { bytes: caught(found.arrayBuffer().then((content) => checked(content, found.headers.get("Sum")))) };
}

// Python cannot notice a damaged memory: it could do anything, or never return.
async function checked(content, expected) {
  const sum = sha256(content); // computed on another thread
  const memory = unpackMemory(content);
  if ((await sum) !== expected) throw new Error("it is damaged");
  return memory;
}
async function sha256(content) {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", content))));
}

// Two thirds of the memory are zeros, and reading is the longest part of a return visit. So only the blocks in use are
// kept: the index's length, the index as JSON, and the contents of the ranges in the index.
function packMemory(memory) {
  const ranges = [];
  for (let at = 0; at < memory.length; at += BLOCK_BYTES) {
    if (!memory.subarray(at, at + BLOCK_BYTES).some(Boolean)) continue;
    const end = Math.min(at + BLOCK_BYTES, memory.length);
    if (ranges.at(-1)?.[1] === at) ranges.at(-1)[1] = end;
    else ranges.push([at, end]);
  }
  const index = new TextEncoder().encode(JSON.stringify({ size: memory.length, ranges }));
  const contents = ranges.map(([start, end]) => memory.subarray(start, end));
  return new Blob([new Uint32Array([index.length]), index, ...contents]);
}
function unpackMemory(content) {
  let at = 4 + new DataView(content).getUint32(0, true);
  const { size, ranges } = JSON.parse(new TextDecoder().decode(content.slice(4, at)));
  const memory = new Uint8Array(size);
  for (const [start, end] of ranges) {
    memory.set(new Uint8Array(content, at, end - start), start);
    at += end - start;
  }
  return memory;
}

function deleteSnapshot() {
  return caches.delete(CACHE).catch(() => false);
}

// PyScript calls this. It gets a Python without packages: the wave needs none.
export async function loadPyodide({ stdout, stderr }) {
  Object.assign(output, { stdout, stderr });
  return started;
}

// Load a lazy bundle for app/page/lazy_bundles.py. `names` are its files in the tree, which are written into `folder`;
// a package of Pyodide has none. Calls during a load share its promise. A load that failed can be tried again.
const loads = new Map();
function loadLazyBundle(bundle, names, folder) {
  if (!loads.has(bundle)) {
    const failed = (error) => {
      loads.delete(bundle);
      throw error;
    };
    loads.set(bundle, loadOnce(bundle, names, folder).catch(failed));
  }
  return loads.get(bundle);
}
async function loadOnce(bundle, names, folder) {
  const packed = LAZY_BUNDLES[bundle];
  if (!names.length && !packed) return loadPackage(await started, bundle);
  const fetchFile = async (name) => ({ path: `${folder}/${name}`, bytes: await fetchLazy(`./app/${name}`, readBytes) });
  const files = await (packed ? fetchLazy(packed, unpackBundle) : Promise.all(names.map(fetchFile)));
  await writeFiles((await started)._module, files);
}
// Pyodide only prints what went wrong, so the result is checked.
async function loadPackage(python, name) {
  await python.loadPackage(name, { messageCallback() {} });
  if (!(name in python.loadedPackages)) throw new Error("its package could not be loaded");
}
async function readBytes(response) {
  return new Uint8Array(await response.arrayBuffer());
}

// Fetch a file and return what `read` makes of it. Throw an error that says how the file failed.
async function fetchLazy(address, read) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(new URL(address, PAGE), { credentials: "same-origin", signal }).catch(() => null);
  const content = response?.ok && (await read(response).catch(() => null));
  if (content) return content;
  const failure = !response ? "could not be loaded" : response.ok ? "arrived damaged" : `answered ${response.status}`;
  const reason = signal.aborted ? `did not arrive within ${TIMEOUT_MS / 1000} seconds` : failure;
  throw new Error(`${address.split("/").pop()} ${reason}`);
}

if (isPage) {
  window.gradientFlow ??= {}; // typed in before-paint.js
  Object.assign(window.gradientFlow, {
    loadLazyBundle,
    snapshot: {
      // At once when Python runs: a visitor who leaves early finds the snapshot the next time.
      async confirm() {
        await marking;
        if (startedFromSnapshot) await (await caches.open(CACHE)).delete(IN_USE);
      },
      async save() {
        if (!BUNDLES.length || navigator.connection?.saveData) return;
        if (await (await caches.open(CACHE)).match(SNAPSHOT)) return;
        new Worker(import.meta.url, { type: "module", name: JSON.stringify(manifest) });
      },
      // When the page failed. True if the snapshot may be the cause: it is deleted then.
      async discard() {
        return startedFromSnapshot && deleteSnapshot();
      },
    },
  });
}

// The worker

async function saveSnapshot() {
  const python = await startPyodide({ _makeSnapshot: true });
  python.runPython("import gc, app.page.snapshot_imports; gc.collect()");
  // Each start finds the packages again.
  for (const name of Object.keys(python.loadedPackages)) delete python.loadedPackages[name];
  const content = await packMemory(python.makeMemorySnapshot()).arrayBuffer();
  const headers = { "Made-By": navigator.userAgent, Sum: await sha256(content) };
  await (await caches.open(CACHE)).put(SNAPSHOT, new Response(content, { headers }));
}

if (!isPage) {
  saveSnapshot()
    .catch((error) => console.info(`Python’s snapshot for the next visit could not be saved: ${error.message}`))
    .finally(close);
}
