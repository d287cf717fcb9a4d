// Writes Emscripten's glue, pyodide.asm.mjs, without what the page cannot reach, and minified. Its one argument is a job
// as JSON: the folder of the `packages` acorn and terser, the `glue`, the WebAssembly `modules` that it runs, the `words`
// of the scripts that use it, the `target`, and the file for the names of the `exports` that it reads.
//
// The glue is one function with thousands of definitions: a variable for each export of WebAssembly, and libraries that
// a module may import (SDL, OpenGL, sockets …). A definition stays if something that stays uses its name, beginning with
// the statements that run at once, the imports of the modules, and the properties of `Module` that are among the words.
// Scopes are not looked at: a name counts everywhere, so too much may stay.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const job = JSON.parse(process.argv[2]);
const { parse } = await import(pathToFileURL(`${job.packages}/acorn/dist/acorn.mjs`));
const { minify } = createRequire(import.meta.url)(`${job.packages}/terser/dist/bundle.min.js`);

const PURE = /^(ArrowFunction|Function|Class|Literal|Template|Object|Array|Unary|Identifier|Member|Binary|Logical|Conditional)/;
const ALIASES = new Set(["Module", "API"]); // objects of the whole glue, which others read
const MAIN_LOOP = /^(MainLoop\.init|register(Pre|Post)MainLoop)$/; // calls that only prepare a loop for drawing

// A direct eval sees all names around it, so that none could be shortened. The page's policy forbids eval anyway.
const source = readFileSync(job.glue, "utf8").replaceAll(/(?<=[=;{}]|return )eval\(/g, "(0,eval)(");
const whole = parse(source, { ecmaVersion: "latest", sourceType: "module" }).body[0].body;
const textOf = ({ start, end }) => source.slice(start, end);

// A part of the glue is kept or dropped as a whole. `names` are the variables that it may use, `keys` the properties and
// strings. `given` says what it stands for: the variable it defines, the export or import, the property of Module.
function part(node, given, text = textOf(node)) {
  const names = new Set();
  const keys = new Set();
  collect(node, names, keys);
  return { names, keys, text, ...given };
}
function collect(node, names, keys) {
  const guarded = node.type === "IfStatement" && guardedName(node.test);
  if (guarded) {
    const inside = new Set();
    collect({ type: "Guarded", parts: [node.consequent, node.alternate] }, inside, keys);
    inside.delete(guarded);
    for (const name of inside) names.add(name);
    return;
  }
  if (node.type === "Identifier") names.add(node.name);
  if (node.type === "Literal" && typeof node.value === "string") keys.add(node.value);
  for (const [field, value] of Object.entries(node)) {
    const isKey = (field === "property" || field === "key") && !node.computed;
    if (isKey && value.name) keys.add(value.name);
    if (isKey && !node.shorthand) continue;
    for (const child of [value].flat()) if (child?.type) collect(child, names, keys);
  }
}
// if (typeof Browser != "undefined") Browser.init() does without a Browser.
function guardedName({ operator, left, right }) {
  return /^!==?$/.test(operator) && left.operator === "typeof" && right.value === "undefined" && left.argument.name;
}

function* partsOf(statement) {
  const name = statement.id?.name;
  if (statement.type === "VariableDeclaration") for (const one of statement.declarations) yield* variable(one, statement.kind);
  else if (statement.type === "ExpressionStatement") for (const one of inSequence(statement.expression)) yield assignment(one);
  else if (name === "assignWasmExports") yield* table(statement, statement.body.body, "\n", exported);
  else if (name === "applySignatureConversions") yield* table(statement, statement.body.body, "\n", converted);
  else if (name) yield part(statement, { defines: name });
  else yield part(statement, { isRoot: true });
}
function inSequence(expression) {
  return expression.type === "SequenceExpression" ? expression.expressions : [expression];
}
function* variable(one, kind) {
  if (one.id.name === "wasmImports") yield* table(one, one.init.properties, ",", imported, kind);
  else yield part(one, { defines: one.id.name, isRoot: !one.id.name || !isPure(one.init) }, `${kind} ${textOf(one)};`);
}
function isPure(value) {
  return !value || PURE.test(value.type);
}
function assignment(one) {
  const { left, right } = one;
  const object = left?.object?.name;
  const key = left?.computed ? left.property.value : left?.property?.name;
  const given =
    one.type === "CallExpression" && MAIN_LOOP.test(textOf(one.callee)) ? { belongsTo: "MainLoop" }
    : object && isPure(right) && object === "Module" && key ? { onModule: key }
    : object && isPure(right) && !ALIASES.has(object) ? { belongsTo: object }
    : { isRoot: true };
  return part(right && !given.isRoot ? right : one, given, `${textOf(one)};`);
}

// A list of exports or imports stays, with those of its rows that are needed.
function* table(node, rows, separator, row, kind = "") {
  const inside = rows.map(row);
  const before = `${kind} ${source.slice(node.start, rows[0].start)}`;
  const after = source.slice(rows.at(-1).end, node.end) + (kind && ";");
  yield { names: new Set(), keys: new Set(), defines: node.id.name, inside, before, separator, after };
  yield* inside;
}
function exported(row) {
  const { left, right } = row.expression; // _malloc = Module["_malloc"] = wasmExports["malloc"]
  return withoutParameter(part(right, { defines: left.name, onModule: left.name }, textOf(row)));
}
function converted(row) {
  const name = row.expression?.left.property?.value; // wasmExports["malloc"] = makeWrapper_pp(wasmExports["malloc"])
  return withoutParameter(part(row, { belongsTo: name ? `_${name}` : "applySignatureConversions" }));
}
function withoutParameter(row) {
  row.names.delete("wasmExports");
  return row;
}
function imported(row) {
  return part(row.value, { imports: row.key.name ?? row.key.value }, textOf(row));
}

function grouped(parts, field) {
  const groups = new Map();
  for (const one of parts) groups.set(one[field], [...(groups.get(one[field]) ?? []), one]);
  groups.delete(undefined);
  return groups;
}

// The parts that are reached from the roots, the imports and the words.
function reached(parts, imports, words) {
  const [defined, belonging, importable, onModule] = ["defines", "belongsTo", "imports", "onModule"].map((field) => grouped(parts, field));
  const kept = new Set();
  const waiting = parts.filter(({ isRoot }) => isRoot);
  const add = (...groups) => groups.forEach((group) => waiting.push(...(group ?? [])));
  for (const name of imports) add(importable.get(name));
  for (const word of words) add(onModule.get(word));
  while (waiting.length) {
    const one = waiting.pop();
    if (kept.has(one)) continue;
    kept.add(one);
    if (one.defines) add(defined.get(one.defines), belonging.get(one.defines));
    for (const name of one.names) add(defined.get(name), belonging.get(name));
    for (const key of one.keys) add(onModule.get(key));
  }
  return kept;
}

function written(parts, kept) {
  const rows = new Set(parts.flatMap(({ inside }) => inside ?? []));
  const text = (one) => {
    if (!one.inside) return one.text;
    const inside = one.inside.filter((row) => kept.has(row)).map((row) => row.text);
    return one.before + inside.join(one.separator) + one.after;
  };
  return parts.filter((one) => kept.has(one) && !rows.has(one)).map(text).join("\n");
}

// The exports of WebAssembly that the kept parts read, by their own rows or by name.
function readExports(modules, kept) {
  const names = modules.flatMap((module) => WebAssembly.Module.exports(module)).map(({ name }) => name);
  const keys = new Set([...kept].flatMap((one) => [...one.keys]));
  return [...new Set(names)].filter((name) => keys.has(name)).sort();
}

const modules = job.modules.map((path) => new WebAssembly.Module(readFileSync(path)));
const imports = modules.flatMap((module) => WebAssembly.Module.imports(module)).map(({ name }) => name);
const parts = whole.body.flatMap((statement) => [...partsOf(statement)]);
const kept = reached(parts, imports, job.words);
const lean = source.slice(0, whole.start + 1) + written(parts, kept) + source.slice(whole.end - 1);
const { code } = await minify(lean, { module: true, ecma: 2020, compress: { passes: 2 }, keep_classnames: true });
writeFileSync(job.target, code);
writeFileSync(job.exports, JSON.stringify(readExports(modules, kept)));
