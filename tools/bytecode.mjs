// Runs tools/bytecode.py in Pyodide under Node: bytecode.mjs PYODIDE_FOLDER TOOLS_FOLDER TARGET_FOLDER ARCHIVE …
import { basename, dirname } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodideFolder, tools, target, ...archives] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodideFolder}/pyodide.mjs`));
const pyodide = await loadPyodide();
const mount = (name, folder) => {
  pyodide.FS.mkdirTree(name);
  pyodide.mountNodeFS(name, folder);
};
mount("/tools", tools);
mount("/target", target);
pyodide.runPython("import sys; sys.path.insert(0, '/tools'); sys.dont_write_bytecode = True");
const { compile_archive: compileArchive } = pyodide.pyimport("bytecode");
archives.forEach((archive, index) => {
  mount(`/source${index}`, dirname(archive));
  compileArchive(`/source${index}/${basename(archive)}`, `/target/${basename(archive)}`);
});
