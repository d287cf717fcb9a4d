// PyScript, under the page's policy: its hooks for workers, which the page has none of, are composed by Function().
import "./pyodide-loader.js"; // first: Python starts while PyScript is still on its way
import { hooks } from "https://pyscript.net/releases/2026.7.3/core.js";

for (const hook of Object.values(hooks.worker)) hook.clear();
