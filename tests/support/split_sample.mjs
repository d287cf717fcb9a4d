// Runs calls on a whole module and on splits of it, and prints what each gave: node split_sample.mjs < job.json
const job = JSON.parse(await new Response(process.stdin).text());
const { linkHalves } = await import(`data:text/javascript,${encodeURIComponent(job.linker)}`);
const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function imports(said) {
  return { env: { log: (number) => said.push(number), lacking() {} } };
}

// Call all functions one after another: their results, what they threw, and all of the memory in the end.
function outcome(exports, memory, said) {
  const results = job.calls.map(([name, ...given]) => {
    try {
      return exports[name](...given) ?? null;
    } catch (error) {
      if (error instanceof WebAssembly.Exception) return `odd ${error.getArg(exports.odd, 0)}`;
      return error instanceof WebAssembly.RuntimeError ? "trap" : error.message;
    }
  });
  const used = Array.from(new Uint8Array(memory.buffer, 0, 64));
  return { results, said, used, pages: memory.buffer.byteLength, functions: exports.functions.length };
}

function wholeOutcome() {
  const said = [];
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(job.whole)), imports(said));
  return outcome(exports, exports.memory, said);
}

async function splitOutcome({ start, rest, memory, memoryAt, when, lacks, damaged }) {
  const said = [];
  const given = imports(said);
  const bytes = bytesOf(rest);
  const settings = {};
  const address = `data:application/wasm;base64,${rest}`;
  const place = async ({ buffer }) => new Uint8Array(buffer).set(bytesOf(memory), memoryAt);
  const readNow = () => (damaged ? bytes.with(-1, bytes.at(-1) ^ 1) : bytes);
  let half;
  const { exports } = await new Promise((receive, fail) => {
    const checks = { size: bytes.length, crc32: job.sums[rest] };
    const first = WebAssembly.compile(bytesOf(start));
    half = linkHalves(settings, { start: first, rest: { address, readNow, ...checks }, place, fail });
    settings.instantiateWasm(given, receive);
  });
  if (lacks) delete given.env.lacking;
  if (when === "before") await Promise.all([half.bring(), half.bring()]);
  if (when === "meanwhile") half.bring();
  const found = outcome(exports, exports.memory, said);
  if (when === "after") await half.bring();
  const { calledTooEarly, linked } = half;
  return { ...found, calledTooEarly, linked, names: Object.keys(exports).sort() };
}

const splits = [];
for (const one of job.splits) splits.push(await splitOutcome(one));
console.log(JSON.stringify({ whole: wholeOutcome(), splits }));
