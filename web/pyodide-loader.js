// Starts Pyodide while PyScript is still being loaded, and then hands it to PyScript: pyscript.toml names this module
// as its interpreter. On the built site, Python starts from a memory snapshot that the build has made. If that fails,
// the start without it follows: all Python modules are written into Pyodide's file system, and imported.
import { compileWasm, linkHalves } from "./split-wasm.js";
import { loadPyodide as load, version } from "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/pyodide.mjs";
export { version };

const PYODIDE = new URL("https://cdn.jsdelivr.net/pyodide/v314.0.4/full/", import.meta.url).href;
const PAGE = new URL("..", import.meta.url).href; // the page's folder: this script is in a folder of it
// In the tree, where PyScript loads the files one by one, there are no bundles and no snapshot.
const { bundles, lazyBundles, snapshot } = JSON.parse(document.getElementById("manifest").textContent);
const NO_LIBRARY_ZIP = { stdLibURL: `${PYODIDE}nothing.zip`, env: { PYTHONPATH: "/lib/python3.14" } };
const STEPS = ["tokenize", "_pyodide", "traceback", "logging", "asyncio"]; // as Pyodide and the page import them
const NO_GC = "import gc; gc.disable()"; // a start makes almost no garbage; app/main.py enables collection again
const PATIENCE = { timeout: 30_000 }; // for what is loaded after the start
const SNAPSHOT_MS = 20_000; // the longest start from the snapshot, once all its files are there
const UNDER_WAY = "gradient-flow-viz snapshot"; // in sessionStorage during a start from the snapshot
const CHECK = "import random; random.seed()"; // shows that Python works; without it every visit draws the same numbers

const output = { stdout: console.log, stderr: console.error };

// Each step of a start is a task of its own, so that the page can answer a key or paint a frame in between.
function yieldToBrowser() {
  return globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
}

// A promise that is awaited later. Until then, a rejection is not reported as unhandled.
function caught(promise) {
  promise.catch(() => {});
  return promise;
}

// Files

// Fetch a file and return what `read` makes of it. Throw an error that says how the file failed. The browser checks the
// integrity, if there is one.
async function fetchFile(address, read, { integrity = "", timeout } = {}) {
  const signal = timeout && AbortSignal.timeout(timeout);
  const response = await fetch(new URL(address, PAGE), { credentials: "same-origin", integrity, signal }).catch(() => null);
  const content = response?.ok && (await read(response).catch(() => null));
  if (content) return content;
  const failure = !response ? "could not be loaded" : response.ok ? "arrived damaged" : `answered ${response.status}`;
  const reason = signal?.aborted ? `did not arrive within ${timeout / 1000} seconds` : failure;
  throw new Error(`${address.split("/").pop()} ${reason}`);
}
function gunzip(response) {
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
async function readBytes(response) {
  return new Uint8Array(await response.arrayBuffer());
}

// A bundle and the snapshot begin with the length of an index, and the index as JSON. Return it, and what follows.
function splitIndex(content) {
  const start = 4 + new DataView(content).getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(content.slice(4, start))), start];
}

// tools/archives.py packs a bundle.
function unpackBundle(content) {
  let [index, at] = splitIndex(content);
  return index.map(([path, size]) => {
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

// The start

// Without this, Pyodide and the page would import all of it in one task. An import that fails here fails there too, and
// is reported there.
async function importInSteps(module) {
  for (const name of STEPS) {
    await yieldToBrowser();
    module.API.rawRun(`__import__("${name}")`);
  }
  await yieldToBrowser();
}

// Start Pyodide with its `engine`, the promise of Emscripten's script, and with files in its file system. `finish` gets
// the module before Python has run anything in it. `link` may replace how Emscripten's settings get WebAssembly.
function startPyodide(engine, fetched, finish, { link, ...more } = {}) {
  const stdout = (text) => output.stdout(text);
  const stderr = (text) => output.stderr(text);
  const createPyodideModule = (settings) =>
    new Promise((resolve, reject) => {
      link?.(settings, reject);
      settings.preRun.push((module) => {
        module.addRunDependency("files");
        module.FS.mkdirTree(module.API.sitePackages);
        module.FS.writeFile(`${module.API.sitePackages}/sitecustomize.py`, NO_GC);
        const written = fetched.then((contents) => writeFiles(module, contents.flatMap(unpackBundle))).then(yieldToBrowser);
        written.then(() => module.removeRunDependency("files"), reject);
      });
      const finished = engine.then(({ default: create }) => create(settings)).then(async (module) => {
        await finish(module);
        return module;
      });
      finished.then(resolve, reject);
    });
  return load({ indexURL: PYODIDE, stdout, stderr, ...NO_LIBRARY_ZIP, ...more, createPyodideModule });
}

function startPlainly() {
  if (!bundles.length) return load({ indexURL: PYODIDE, ...output });
  const files = Promise.all(bundles.map((address) => fetchFile(address, gunzip)));
  return startPyodide(import(`${PYODIDE}whole/pyodide.asm.mjs`), files, importInSteps);
}

// tools/snapshot.mjs makes the snapshot. Pyodide asks for it by `restoreSnapshot`, and needs its own header before that.
const PYODIDE_HEADER = new Uint8Array(48);
let half; // of Pyodide's WebAssembly: what brings the rest of it
async function startFromSnapshot(memory, start, wasm) {
  let state; // of Pyodide's references to JavaScript
  const link = (settings, fail) => {
    delete globalThis.WasmOffsetConverter;
    const [address, integrity, size, crc32] = snapshot.rest;
    const rest = { address: new URL(address, PAGE).href, integrity, size, crc32 };
    const place = async (room) => (state = writeMemory(room, await memory));
    half = linkHalves(settings, { start: caught(wasm.then(compileWasm)), rest, place, fail });
    const { instantiateWasm } = settings;
    settings.instantiateWasm = (imports, receive) => {
      Object.assign(imports.env, errorMarker());
      return instantiateWasm(imports, receive);
    };
  };
  globalThis.WasmOffsetConverter = null; // while this is defined, Pyodide fetches no WebAssembly itself
  const python = await startPyodide(
    import(new URL(snapshot.script[0], PAGE).href),
    start.then((content) => [content]),
    async (module) => {
      module.API.restoreSnapshot = () => state;
    },
    { _loadSnapshot: PYODIDE_HEADER, link },
  );
  python.runPython(CHECK);
  return python;
}
// The value that Pyodide's WebAssembly takes for an error of JavaScript. Pyodide adds it to the imports by itself only
// when it fetches the module itself.
function errorMarker() {
  const marker = Symbol("error marker");
  return { Jsv_GetError_import: () => marker, JsvError_Check: (value) => value === marker };
}
// Write the snapshot's content into the memory. Return the state of Pyodide's references to JavaScript.
function writeMemory(memory, content) {
  let [{ size, state, ranges }, at] = splitIndex(content);
  const missing = size - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
  const bytes = new Uint8Array(memory.buffer);
  for (const [start, end] of ranges) {
    bytes.set(new Uint8Array(content, at, end - start), start);
    at += end - start;
  }
  return state;
}

// A start from the snapshot that ends the visit, or never ends, is not tried again: its mark stays. True if it is set.
function mark(isUnderWay) {
  try {
    if (isUnderWay) sessionStorage.setItem(UNDER_WAY, "1");
    else sessionStorage.removeItem(UNDER_WAY);
    return isUnderWay;
  } catch {
    return false; // storage is denied
  }
}
function isMarked() {
  try {
    return sessionStorage.getItem(UNDER_WAY) !== null;
  } catch {
    return false;
  }
}

// The files are fetched at once, but Python starts after the page has been parsed, so that the picture comes first.
let isFromSnapshot = false;
const started = start().then(watchForItsEnd);

async function start() {
  const isTried = snapshot && !isMarked();
  const fetchNow = ([address, integrity], read) => caught(fetchFile(address, read, { integrity }));
  const files = isTried && [
    fetchNow(snapshot.memory, gunzip),
    fetchNow(snapshot.start, gunzip),
    fetchNow(snapshot.wasm, async (response) => response),
  ];
  await interactive();
  if (!isTried) return startPlainly();
  try {
    mark(true);
    const python = await inTime(startFromSnapshot(...files), Promise.all(files));
    isFromSnapshot = true;
    performance.mark("python-from-snapshot");
    return python;
  } catch (error) {
    delete globalThis.WasmOffsetConverter; // left by a Pyodide that has failed before it asked for its module
    console.info(`Python starts without its snapshot, which could not be used: ${error.message}`);
    navigator.serviceWorker?.controller?.postMessage("remove damaged"); // the next visit gets sound files
    return startPlainly();
  }
}
function interactive() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((done) => document.addEventListener("readystatechange", done, { once: true }));
}
function inTime(promise, files) {
  const tooLong = new Promise((_, reject) => {
    const fail = () => reject(new Error(`it has not started within ${SNAPSHOT_MS / 1000} seconds`));
    files.then(() => setTimeout(fail, SNAPSHOT_MS), reject);
  });
  return Promise.race([promise, tooLong]);
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

// PyScript calls this. It gets a Python without packages: the wave needs none.
export async function loadPyodide({ stdout, stderr }) {
  Object.assign(output, { stdout, stderr });
  return started;
}

// After the start

// Return a function that returns the promise of `work`, which it calls once; again after a failure.
function once(work) {
  let promise;
  return () => {
    promise ??= work().catch((error) => {
      promise = undefined;
      throw error;
    });
    return promise;
  };
}

// What the start does not need: the other half of Pyodide's WebAssembly, and the modules that are not in memory.
const loadRest = once(async () => {
  const python = await started;
  if (!isFromSnapshot) return;
  const library = caught(fetchFile(snapshot.library[0], gunzip, PATIENCE));
  await half.bring();
  await writeFiles(python._module, unpackBundle(await library));
});

// Load a lazy bundle for app/page/lazy_bundles.py. `names` are its files in the tree, which are written into `folder`;
// a package of Pyodide has none. Calls during a load share its promise. A load that failed can be tried again.
const loads = new Map();
function loadLazyBundle(bundle, names, folder) {
  if (!loads.has(bundle)) loads.set(bundle, once(() => loadBundle(bundle, names, folder)));
  return loads.get(bundle)();
}
async function loadBundle(bundle, names, folder) {
  const packed = lazyBundles[bundle];
  if (!names.length && !packed) return loadPackage(await started, bundle);
  const fetchOne = async (name) => ({ path: `${folder}/${name}`, bytes: await fetchFile(`./app/${name}`, readBytes, PATIENCE) });
  const bring = async () => (packed ? unpackBundle(await fetchFile(packed, gunzip, PATIENCE)) : Promise.all(names.map(fetchOne)));
  const [, files] = await Promise.all([loadRest(), bring()]); // the longest first
  await writeFiles((await started)._module, files);
}
// Pyodide only prints what went wrong, so the result is checked.
async function loadPackage(python, name) {
  await python.loadPackage(name, { messageCallback() {} });
  if (!(name in python.loadedPackages)) throw new Error("its package could not be loaded");
}
window.gradientFlow ??= {}; // typed in before-paint.js
Object.assign(window.gradientFlow, {
  loadLazyBundle,
  snapshot: {
    // The page is alive.
    confirm() {
      mark(false);
      (window.requestIdleCallback ?? setTimeout)(() => caught(loadRest()));
    },
    // The page failed. True if the snapshot may be the cause: then the next start does without it.
    discard() {
      return isFromSnapshot && mark(true);
    },
    // True for a file that the page can do without.
    isReplaceable(url) {
      return Object.values(snapshot ?? {}).some(([address]) => url === new URL(address, PAGE).href);
    },
  },
});
