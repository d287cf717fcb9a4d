// Links the two halves of a WebAssembly module that tools/split_wasm.py made. The first has what the start calls; all
// else is in the second, `rest`. A call into it that comes before it has arrived brings it at once, while all waits.

const SPACE = "split"; // of the names that the first half lends to the second
const COLD = `${SPACE}.cold`; // the table of the second half's functions; slot 0 brings them
// (module (import "" "f" (func)) (export "f" (func 0))): makes a function that a table takes out of one of JavaScript
const BRIDGE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 6, 1, 0, 1, 102, 0, 0, 7, 5, 1, 1, 102, 0, 0],
]);

// Make Emscripten's `settings` link both halves. `start` is the first one, compiled, or a promise of it.
// Neither half has any data: `place` writes a memory that the module has had. So its constructors are not called again
// if the module tells what they do besides. `fail` gets the reason if linking fails. `rest` has the second half's
// `address`, `integrity`, `size` in bytes and `crc32`; where there is no page, its `readNow` returns the bytes. Returns
// what brings the second half.
export function linkHalves(settings, { start, rest, place, fail }) {
  const half = { calledTooEarly: 0, linked: false, bring };
  let first, imports, coming;

  settings.instantiateWasm = (given, receive) => {
    linkFirst(given, receive).catch(fail);
    return {};
  };
  async function linkFirst(given, receive) {
    const module = await start;
    const instance = await WebAssembly.instantiate(module, given);
    [first, imports] = [instance.exports, given];
    first[COLD].set(0, new WebAssembly.Instance(new WebAssembly.Module(BRIDGE), { "": { f: bringNow } }).exports.f);
    await place?.(first.memory);
    const own = Object.fromEntries(Object.entries(first).filter(([name]) => !name.startsWith(`${SPACE}.`)));
    const [constructed] = WebAssembly.Module.customSections(module, "constructed");
    if (constructed) own.__wasm_call_ctors = () => construct(first, constructed, given.env);
    receive({ exports: own }, module);
  }

  // The glue may lack a function that only what is never called would call.
  const lenient = (space) =>
    new Proxy(space, {
      get: (known, name) =>
        known[name] ??
        (() => {
          throw new Error(`${String(name)} is not part of this page's Python`);
        }),
    });
  const lent = () => ({
    ...imports,
    ...Object.fromEntries(["env", "wasi_snapshot_preview1"].map((name) => [name, lenient(imports[name] ?? {})])),
    [SPACE]: first,
  });

  // Calls share one promise. After a failure, the next call tries again.
  function bring() {
    return (coming ??= bringOnce().catch((error) => {
      coming = undefined;
      throw error;
    }));
  }
  async function bringOnce() {
    const { address, integrity } = rest;
    const module = await compileWasm(await fetch(address, { integrity, credentials: "same-origin" }));
    if (half.linked) return;
    await WebAssembly.instantiate(module, lent()); // fills the table
    half.linked = true;
  }

  function bringNow() {
    if (half.linked) return;
    half.calledTooEarly += 1;
    const start = performance.now();
    const bytes = checked(rest.readNow ? rest.readNow() : fetchNow(rest.address), rest);
    new WebAssembly.Instance(new WebAssembly.Module(bytes), lent());
    half.linked = true;
    performance.measure("cold-call", { start });
  }

  return half;
}

// tools/constructors.mjs has found this.
function construct(lent, constructed, imports) {
  const { globals, tables } = JSON.parse(new TextDecoder().decode(constructed));
  for (const [name, value] of Object.entries(globals)) lent[name].value = value;
  for (const [name, entries] of Object.entries(tables)) {
    for (const entry of entries) lent[name].grow(1, entry && imports[entry]());
  }
}

// From a stream the browser keeps machine code for the next visit; it refuses one that is not served as WebAssembly.
export async function compileWasm(response) {
  if (!response.ok) throw new Error(`the rest of Python answered ${response.status}`);
  if (response.headers.get("Content-Type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

// Only text can be fetched in this way: one character a byte, the upper half of them moved.
function fetchNow(address) {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`the rest of Python answered ${request.status}`);
  const text = request.responseText;
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

// No integrity is checked here by the browser, and a sha256 would take too long: size and CRC-32 show a damaged file.
function checked(bytes, { size, crc32 }) {
  if (bytes.length !== size || crcOf(bytes) !== crc32) throw new Error("the rest of Python arrived damaged");
  return bytes;
}

function crcOf(bytes) {
  const table = Int32Array.from({ length: 256 }, (_, value) => {
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let crc = -1;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]) & 255];
  return ~crc >>> 0;
}
