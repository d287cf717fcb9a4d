// Runs tools/archives.py in Pyodide under Node. Its one argument is a job as JSON: the folders `pyodide`, `tools` and
// `target`; the `archives`, each with its `source`, the bundle's `name`, its `folder` in Python's file system and the
// level `optimize`; and what the page `imports`. Only the files that these imports need are kept, or all if it is
// empty.
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";

const { pyodide: folder, tools, target, imports, archives } = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));

function mount(pyodide, name, folder) {
  pyodide.FS.mkdirTree(name);
  pyodide.mountNodeFS(name, folder);
}

async function start() {
  const pyodide = await loadPyodide();
  mount(pyodide, "/tools", tools);
  pyodide.runPython("import sys; sys.path.append('/tools'); sys.dont_write_bytecode = True");
  return pyodide;
}

// Runs in a new Pyodide, in which nothing else has been imported.
async function rehearse() {
  const pyodide = await start();
  const wheels = archives.map(({ source }) => source).filter((source) => source.endsWith(".whl"));
  await pyodide.loadPackage(wheels.map((wheel) => pathToFileURL(wheel).href), { messageCallback: () => {} });
  return pyodide.pyimport("rehearsal").needed(imports).toJs();
}

async function packAll() {
  const kept = imports.length ? await rehearse() : null;
  const pyodide = await start();
  const { pack } = pyodide.pyimport("archives");
  const { reduce } = pyodide.pyimport("reduced");
  mount(pyodide, "/target", target);
  archives.forEach(({ source, name, folder, optimize }, index) => {
    mount(pyodide, `/source${index}`, dirname(source));
    const from = `/source${index}/${basename(source)}`;
    const options = { folder, optimize, reduce, kept: kept ? pyodide.toPy(kept) : undefined };
    pack.callKwargs(from, `/target/${name}`, options);
  });
}

try {
  await packAll();
} catch (error) {
  console.error(String(error.message).trim()); // without the stack, which quotes all of Pyodide's code
  process.exitCode = 1;
}
