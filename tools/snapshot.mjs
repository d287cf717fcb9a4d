// Makes the memory snapshot that the page starts from: Pyodide imports under Node what the page needs, and its memory is
// written to a file. Its one argument is a job as JSON: the folders `pyodide` and `tools`, an `empty` zip, the bundles
// with Python's `files`, what Python `imports`, the ranges of memory that come `late`, and the `target`. Prints the files of
// the modules in memory, as JSON.
//
// The same job gives the same bytes. So the clock and random numbers are fixed, and Python does not see this machine.
import nodeCrypto from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const { pyodide: folder, empty, tools, files, imports, late, target } = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));

const BLOCK_BYTES = 4_096; // the snapshot keeps or drops memory in blocks of this size
const PAGE_BYTES = 65_536; // WebAssembly's memory grows by pages
const LAST_BYTES = 3 << 20; // larger than any free piece between others
const SIZES = [...downFrom(1 << 20, 512, (size) => Math.floor(size * 0.8) & ~7), ...downFrom(508, 12, (size) => size - 8)];
const NOW = Date.UTC(2026, 0, 1);
const ENVIRONMENT = { HOME: "/home/pyodide", PYTHONPATH: "/lib/python3.14", PYTHONHASHSEED: "0" };
const NO_GC = "import gc; gc.disable()"; // as at a start without the snapshot; app/main.py turns it on

process.argv = ["python", "python"]; // Emscripten keeps the arguments in Python's memory
Date.now = () => NOW;
performance.now = () => 0;
nodeCrypto.randomFillSync = (array) => array.fill(0);
crypto.getRandomValues = (array) => array.fill(0);

function downFrom(first, last, next) {
  const sizes = [];
  for (let size = first; size >= last; size = next(size)) sizes.push(size);
  return sizes;
}

// tools/archives.py packs a bundle.
function unpackBundle(path) {
  const content = gunzipSync(readFileSync(path));
  let at = 4 + content.readUInt32LE(0);
  return JSON.parse(content.subarray(4, at)).map(([path, size]) => [path, content.subarray(at, (at += size))]);
}

// Starts Python as web/pyodide-loader.js does.
async function start() {
  const { default: create } = await import(pathToFileURL(`${folder}/pyodide.asm.mjs`));
  const writeFiles = (module) => {
    const all = [...files.flatMap(unpackBundle), [`${module.API.sitePackages}/sitecustomize.py`, NO_GC]];
    for (const [path, content] of all) {
      module.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      module.FS.writeFile(path, content);
    }
  };
  return loadPyodide({
    _makeSnapshot: true,
    indexURL: folder,
    stdLibURL: empty, // instead of Python's library, which is in the bundles,
    env: ENVIRONMENT,
    createPyodideModule(settings) {
      settings.preRun.push(writeFiles);
      return create(settings);
    },
  });
}

// Import and make small what is there; return the files of the modules. tools/snapshot_contents.py must not stay.
function prepare({ _module: module }) {
  module.FS.mkdirTree("/tools"); // not the folder itself, which may hold bytecode of an earlier run
  module.FS.writeFile("/tools/snapshot_contents.py", readFileSync(`${tools}/snapshot_contents.py`));
  module.FS.writeFile("/imports.json", JSON.stringify(imports));
  module.API.rawRun("import sys; sys.path.append('/tools'); import snapshot_contents; snapshot_contents.prepare()");
  return module.FS.readFile("/files.json", { encoding: "utf8" });
}

// Fill all free memory with zeros, which compress to almost nothing: take each free piece, and give all back at the end.
// A piece from behind all others ends the search for its size. malloc keeps the size of a piece in front of it.
function zeroFreeMemory({ _module: module }) {
  const sizeOf = (at) => (module.HEAPU32[(at - 4) >> 2] & ~7) - 4;
  const last = module._malloc(LAST_BYTES);
  module.HEAPU8.fill(0, last, last + LAST_BYTES);
  module._free(last);
  const taken = [];
  for (const size of SIZES) {
    for (let at = 0; at <= last - BLOCK_BYTES; ) {
      at = module._malloc(size);
      if (!at || sizeOf(at) < size) throw new Error(`malloc(${size}) gave ${sizeOf(at)} bytes at ${at}`);
      if (at <= last - BLOCK_BYTES) module.HEAPU8.fill(0, at, at + sizeOf(at));
      taken.push(at);
    }
  }
  for (const at of taken) module._free(at);
}

// Pyodide's snapshot is a header, the state of its references to JavaScript as JSON, and the memory.
function parts({ _module: module, makeMemorySnapshot }) {
  const snapshot = makeMemorySnapshot();
  const [, start, length] = new Uint32Array(snapshot.buffer, 0, 3);
  const used = module.HEAPU32[module._emscripten_get_sbrk_ptr() >> 2]; // malloc has asked for no more than this
  const size = Math.ceil(used / PAGE_BYTES) * PAGE_BYTES;
  const state = JSON.parse(new TextDecoder().decode(snapshot.subarray(48, 48 + length)));
  const memory = snapshot.subarray(start, start + size);
  for (const [first, end] of late) memory.fill(0, first, end); // rest.wasm has it: tools/cold_data.py
  return { memory, state };
}

// Return an index's length, the index as JSON, and the contents of the ranges in the index: all blocks with something in
// them. web/pyodide-loader.js writes them into a new memory.
function packed({ memory, state }) {
  const ranges = [];
  for (let at = 0; at < memory.length; at += BLOCK_BYTES) {
    const end = at + BLOCK_BYTES;
    if (!memory.subarray(at, end).some(Boolean)) continue;
    if (ranges.at(-1)?.[1] === at) ranges.at(-1)[1] = end;
    else ranges.push([at, end]);
  }
  const index = Buffer.from(JSON.stringify({ size: memory.length, state, ranges }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  return Buffer.concat([length, index, ...ranges.map(([start, end]) => memory.subarray(start, end))]);
}

try {
  const python = await start();
  const inMemory = prepare(python);
  zeroFreeMemory(python);
  writeFileSync(target, packed(parts(python)));
  console.log(inMemory);
} catch (error) {
  console.error(String(error.message).trim()); // without the stack, which quotes all of Pyodide's code
  process.exitCode = 1;
}
