// Python's start, ahead of PyScript, which takes over what was begun here: pyscript.toml names this as its interpreter.
// On the built site, all of Python's modules lie in its folders before it starts. And there a worker, which is
// this same file, keeps Python's memory with all of them imported, so that return visits go on from that.
import { loadPyodide as load, version } from "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/pyodide.mjs";
export { version };

const HOME = new URL("https://cdn.jsdelivr.net/pyodide/v314.0.4/full/", import.meta.url).href;
// The build writes in what it packed. In the tree as it is, PyScript brings all that; for what comes late see bring().
const ROOT = new URL("..", import.meta.url).href; // the page's folder, which this script lies in a folder of
const BUNDLES = [];
const LATE = {};
const LIBRARY = { stdLibURL: `${HOME}nothing.zip`, env: { PYTHONPATH: "/lib/python3.14" } }; // a folder of files, no zip
const CACHE = `gradient-flow-viz ${ROOT} memory`; // goes when sw.js takes a new release
const MEMORY = new URL(`memory?${BUNDLES.join("&")}`, HOME).href; // of these very modules and no others
const TRIED = `${MEMORY}&tried`; // there from a start with it until Python lives: what crashed once is not tried again
const STEPS = ["tokenize", "_pyodide", "traceback", "logging", "asyncio"]; // as Pyodide and the page import them
const STILL = "import gc; gc.disable()"; // a start makes next to no garbage; app/main.py turns collecting on again
const PATIENCE = 30_000; // ms for what comes late
const STRETCH = 4_096; // bytes of memory that are kept together, or not at all
const PROOF = "import random; random.seed()"; // that it works at all; else every visit would draw the same numbers

const said = { stdout: console.log, stderr: console.error };
const isPage = "document" in globalThis;

// Each step of a start is a task of its own, so that the page can answer a key or paint a frame in between.
function breathe() {
  return globalThis.scheduler?.yield?.() ?? new Promise((done) => setTimeout(done));
}

// A bundle, as tools/archives.py packs it: gzip over the index's length, the index as JSON, and the files one by one.
async function unpacked(address) {
  const answer = await fetch(new URL(address, ROOT), { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return unpack(answer);
}
async function unpack(answer) {
  const content = await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const start = 4 + new DataView(content).getUint32(0, true);
  let at = start;
  return JSON.parse(new TextDecoder().decode(content.slice(4, start))).map(([path, size]) => {
    const bytes = new Uint8Array(content.slice(at, (at += size)));
    return { path, bytes, compiled: path.endsWith(".so") && WebAssembly.compile(bytes) };
  });
}

// Into Python's folders with the files, and before that into its memory with the machine code that some of them are: what
// Python finds it may import.
async function place(module, files) {
  const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  const write = ({ path, bytes }) => module.FS.writeFile(path, bytes, { canOwn: true });
  for (const folder of folders) module.FS.mkdirTree(folder);
  for (const file of files.filter(({ compiled }) => compiled)) {
    const { path, compiled } = file;
    write(file);
    const how = { loadAsync: true, nodelete: true, allowUndefined: true };
    await breathe();
    module.preloadedWasm[path] = await module.loadWebAssemblyModule(await compiled, how, path, {});
    await module.loadDynamicLibrary(path, { loadAsync: true, nodelete: true, global: false });
  }
  files.filter(({ compiled }) => !compiled).forEach(write);
}

// Else Pyodide and the page would import it all in one go. What can't be imported here fails there, and says so.
async function importInSteps(module) {
  for (const name of STEPS) {
    await breathe();
    module.API.rawRun(`__import__("${name}")`);
  }
  await breathe();
  return module;
}

function begin(more = {}) {
  const options = { indexURL: HOME, stdout: (text) => said.stdout(text), stderr: (text) => said.stderr(text), ...more };
  if (!BUNDLES.length) return load(options);
  const engine = import(`${HOME}pyodide.asm.mjs`);
  const files = Promise.all(BUNDLES.map(unpacked)).then((all) => all.flat());
  const createPyodideModule = (settings) =>
    new Promise((resolve, reject) => {
      settings.preRun.push((module) => {
        module.addRunDependency("bundles");
        module.FS.mkdirTree(module.API.sitePackages);
        module.FS.writeFile(`${module.API.sitePackages}/sitecustomize.py`, STILL);
        const placed = files.then((all) => place(module, all)).then(breathe);
        placed.then(() => module.removeRunDependency("bundles"), reject);
      });
      const made = engine.then(({ default: create }) => create(settings));
      made.then(more._loadSnapshot ? undefined : importInSteps).then(resolve, reject);
    });
  return load({ ...options, ...LIBRARY, createPyodideModule });
}

// The page

let cameFromMemory = false;
let trying = Promise.resolve();

// Once the page has been read, so that it is seen first; meanwhile the kept memory is on its way.
const memory = isPage && handled(remembered());
const started = isPage && interactive().then(start);

// A promise that is looked at later: until then it is no error that nobody has caught.
function handled(promise) {
  promise.catch(() => {});
  return promise;
}

function interactive() {
  const reading = document.readyState === "loading";
  return new Promise((done) => (reading ? document.addEventListener("readystatechange", done, { once: true }) : done()));
}

async function start() {
  try {
    const kept = await memory;
    if (!kept) return begin();
    const python = await begin({ _loadSnapshot: kept.bytes });
    python.runPython(PROOF);
    cameFromMemory = true;
    performance.mark("python-from-memory");
    return python;
  } catch (error) {
    console.info(`Python starts anew, for its kept memory did not do: ${error.message}`);
    await forget();
    return begin();
  }
}

// The memory of an earlier visit, where it is of this browser and has not been tried in vain: a promise of its bytes.
async function remembered() {
  if (!BUNDLES.length || !navigator.serviceWorker?.controller) return null; // a first visit has nothing kept
  const cache = await caches.open(CACHE);
  const [kept, tried] = await Promise.all([cache.match(MEMORY), cache.match(TRIED)]);
  if (!kept) return null;
  if (tried || kept.headers.get("Made-By") !== navigator.userAgent) {
    await forget();
    return null;
  }
  trying = cache.put(TRIED, new Response("")).catch(() => {});
  return { bytes: handled(kept.arrayBuffer().then((content) => sound(content, kept.headers.get("Sum")))) };
}

// The memory that was kept, and no other: Python would go on from a damaged one to anywhere, and perhaps never come back.
async function sound(content, expected) {
  const found = sum(content); // taken beside this thread
  const memory = dense(content);
  if ((await found) !== expected) throw new Error("it is damaged");
  return memory;
}
async function sum(content) {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest("SHA-256", content))));
}

// Two thirds of a memory are empty, and to read them from the disk would take a return visit longest. So only what is in
// use is kept: the length of the index, the index as JSON, and the contents of the stretches that it names.
function sparse(memory) {
  const stretches = [];
  for (let at = 0; at < memory.length; at += STRETCH) {
    if (!memory.subarray(at, at + STRETCH).some(Boolean)) continue;
    const end = Math.min(at + STRETCH, memory.length);
    if (stretches.at(-1)?.[1] === at) stretches.at(-1)[1] = end;
    else stretches.push([at, end]);
  }
  const index = new TextEncoder().encode(JSON.stringify({ size: memory.length, stretches }));
  const contents = stretches.map(([start, end]) => memory.subarray(start, end));
  return new Blob([new Uint32Array([index.length]), index, ...contents]);
}
function dense(content) {
  let at = 4 + new DataView(content).getUint32(0, true);
  const { size, stretches } = JSON.parse(new TextDecoder().decode(content.slice(4, at)));
  const memory = new Uint8Array(size);
  for (const [start, end] of stretches) {
    memory.set(new Uint8Array(content, at, end - start), start);
    at += end - start;
  }
  return memory;
}

function forget() {
  return caches.delete(CACHE).catch(() => false);
}

// What PyScript calls. Its packages come late: the wave needs none.
export async function loadPyodide({ stdout, stderr }) {
  Object.assign(said, { stdout, stderr });
  return started;
}

// For app/page/lazy_bundles.py: a group of files that it names, laid into its folder all together, or a package, of which it names
// none. Asked for again meanwhile it is the same promise; one that failed is made anew.
const bringing = new Map();
function late(group, names, folder) {
  if (!bringing.has(group)) {
    const failed = (error) => {
      bringing.delete(group);
      throw error;
    };
    bringing.set(group, bring(group, names, folder).catch(failed));
  }
  return bringing.get(group);
}
async function bring(group, names, folder) {
  if (!names.length && !LATE[group]) return bringPackage(await started, group);
  const single = async (name) => ({ path: `${folder}/${name}`, bytes: await arrival(`./app/${name}`, whole) });
  const files = await (LATE[group] ? arrival(LATE[group], unpack) : Promise.all(names.map(single)));
  await place((await started)._module, files);
}
// Pyodide says on the console what goes wrong, and then goes on.
async function bringPackage(python, name) {
  await python.loadPackage(name, { messageCallback() {} });
  if (!(name in python.loadedPackages)) throw new Error("its package could not be loaded");
}
async function whole(answer) {
  return new Uint8Array(await answer.arrayBuffer());
}

// What `read` makes of an answer, or an error that says what became of it.
async function arrival(address, read) {
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await fetch(new URL(address, ROOT), { credentials: "same-origin", signal }).catch(() => null);
  const content = answer?.ok && (await read(answer).catch(() => null));
  if (content) return content;
  const lost = !answer ? "could not be loaded" : answer.ok ? "arrived damaged" : `answered ${answer.status}`;
  const how = signal.aborted ? `did not arrive within ${PATIENCE / 1000} seconds` : lost;
  throw new Error(`${address.split("/").pop()} ${how}`);
}

// For loading-status.js: as soon as Python lives, when there is time then, and when it doesn't live.
if (isPage) {
  window.gradientFlowLate = late;
  window.gradientFlowMemory = {
    // At once: whoever leaves early is to find the memory the next time.
    async trust() {
      await trying;
      if (cameFromMemory) await (await caches.open(CACHE)).delete(TRIED);
    },
    async keep() {
      if (!BUNDLES.length || navigator.connection?.saveData) return;
      if (!(await (await caches.open(CACHE)).match(MEMORY))) new Worker(import.meta.url, { type: "module" });
    },
    // Whether it may be the memory's fault: it is gone then.
    async drop() {
      return cameFromMemory && forget();
    },
  };
}

// The worker

async function keepMemory() {
  const python = await begin({ _makeSnapshot: true });
  python.runPython("import gc, app.page.snapshot_imports; gc.collect()");
  for (const name of Object.keys(python.loadedPackages)) delete python.loadedPackages[name]; // each start finds them anew
  const content = await sparse(python.makeMemorySnapshot()).arrayBuffer();
  const headers = { "Made-By": navigator.userAgent, Sum: await sum(content) };
  await (await caches.open(CACHE)).put(MEMORY, new Response(content, { headers }));
}

if (!isPage) {
  keepMemory()
    .catch((error) => console.info(`Python’s memory could not be kept for the next visit: ${error.message}`))
    .finally(close);
}
