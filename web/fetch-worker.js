// Fetches files, and posts the address of each with its content: a WebAssembly module, or what is in a gzipped file;
// nothing if that fails. The browser checks the integrity. The first file is in the worker's name.
"use strict";
async function bring([address, url, integrity]) {
  const content = await fetchContent(url, integrity).catch(() => null);
  postMessage([address, content], content instanceof ArrayBuffer ? [content] : []);
}
addEventListener("message", ({ data }) => bring(data));
bring(JSON.parse(name));

async function fetchContent(url, integrity) {
  const response = await fetch(url, { credentials: "same-origin", integrity });
  if (!response.ok) return null;
  if (response.headers.get("Content-Type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}
