// Finds what the constructors of a split module do besides changing memory. A page whose memory comes from a snapshot
// must not run them, because they were run before, but it needs this. The one argument is a job as JSON: the files
// `start`, `rest` and `memory`, and where in memory that begins. Prints the new values of the changed variables, and the
// entries of the tables that have grown: null, or the import whose result it is.
import { readFileSync } from "node:fs";

const { start, rest, memory, memoryAt } = JSON.parse(process.argv[2]);
const ONLY_WRITE_MEMORY = new Set(["environ_sizes_get", "environ_get", "clock_time_get", "_emscripten_get_progname"]);

const returned = new Map(); // the name of an import, by what a call returned
const called = (name) => () => {
  if (ONLY_WRITE_MEMORY.has(name)) return 0;
  const value = {};
  returned.set(value, name);
  return value;
};
const space = new Proxy({}, { get: (_, name) => called(name) });
const imports = { env: space, wasi_snapshot_preview1: space };
const instance = (path, more) => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), { ...imports, ...more });

const { exports } = instance(start);
instance(rest, { split: exports });
new Uint8Array(exports.memory.buffer).set(readFileSync(memory), memoryAt);
const lent = Object.entries(exports).filter(([name]) => /^split\.(global|table)\d+$/.test(name));
const lengths = new Map(lent.map(([name, { length, value }]) => [name, length ?? value]));
exports.__wasm_call_ctors();

const globals = {};
const tables = {};
const kept = new Set();
for (const [name, thing] of lent) {
  if (thing instanceof WebAssembly.Global && thing.value !== lengths.get(name)) globals[name] = thing.value;
  if (!(thing instanceof WebAssembly.Table) || thing.length === lengths.get(name)) continue;
  tables[name] = Array.from({ length: thing.length - lengths.get(name) }, (_, at) => {
    const value = thing.get(lengths.get(name) + at);
    kept.add(value);
    return value && returned.get(value);
  });
}
const lost = [...returned].filter(([value]) => !kept.has(value)).map(([, name]) => name);
if (lost.length || Object.values(tables).flat().includes(undefined)) {
  console.error(`the constructors call ${lost.join(", ") || "no import"}, whose results are not in the tables`);
  process.exitCode = 1;
}
console.log(JSON.stringify({ globals, tables }));
