// Starts PyScript under the page's policy. PyScript composes its worker hooks with Function(), which the policy
// forbids. The page has no workers of PyScript, so the hooks are removed.
import "./pyodide-loader.js"; // first: Python starts while PyScript is still being loaded
import { hooks } from "https://pyscript.net/releases/2026.7.3/core.js";

for (const hook of Object.values(hooks.worker)) hook.clear();
