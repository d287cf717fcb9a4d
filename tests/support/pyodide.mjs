// Runs a Python file in Pyodide under Node, with the folder of app/ on Python's path, and prints what it prints. Its one
// argument is JSON: the folders `pyodide` and `root`, numpy's `wheel`, and the `program` below the root.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { pyodide: folder, root, wheel, program } = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));

const pyodide = await loadPyodide({ env: { PYTHONDONTWRITEBYTECODE: "1" } });
await pyodide.loadPackage(pathToFileURL(wheel).href, { messageCallback: () => {} });
pyodide.FS.mkdirTree("/root");
pyodide.mountNodeFS("/root", root);
pyodide.runPython("import sys; sys.path.insert(0, '/root')");
try {
  pyodide.runPython(readFileSync(`${root}/${program}`, "utf8"));
} catch (error) {
  console.error(String(error.message).trim()); // without the stack, which quotes Pyodide's one long line
  process.exitCode = 1;
}
