// Links the two halves of a WebAssembly module that tools/split_wasm.py made. The first has what the start calls; all
// else is in the second, `rest`. A call into it that comes before it has arrived brings it at once, while all waits.

const SPACE = "split"; // of the names that the first half lends to the second
const COLD = `${SPACE}.cold`; // the table of the second half's functions; slot 0 brings them
// (module (import "" "f" (func)) (export "f" (func 0))): makes a function that a table takes out of one of JavaScript
const BRIDGE = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 6, 1, 0, 1, 102, 0, 0, 7, 5, 1, 1, 102, 0, 0],
]);

// Make Emscripten's `settings` link both halves. `rest` has the second half's `address`, `integrity`, `size` in bytes
// and `crc32`; where there is no page, `readNow` returns its bytes. `place` writes what it should hold into the memory
// of the first half, which has none of its data, before anything is called. Returns what brings the second half.
export function linkHalves(settings, { rest, place }) {
  const instantiate = settings.instantiateWasm;
  const half = { calledTooEarly: 0, linked: false, bring };
  let first, imports, coming;

  settings.instantiateWasm = (given, receive) =>
    instantiate(given, (instance, module) => {
      [first, imports] = [instance.exports, given];
      first[COLD].set(0, new WebAssembly.Instance(new WebAssembly.Module(BRIDGE), { "": { f: bringNow } }).exports.f);
      place?.(first.memory);
      const own = Object.entries(first).filter(([name]) => !name.startsWith(`${SPACE}.`));
      receive({ exports: Object.fromEntries(own) }, module);
    });

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
    const module = await compile(await fetch(rest.address, { integrity: rest.integrity, credentials: "same-origin" }));
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

// From a stream the browser keeps machine code for the next visit; it refuses one that is not served as WebAssembly.
async function compile(response) {
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
