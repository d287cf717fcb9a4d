// Fetches a gzipped file and posts its content, or null if that fails. The browser checks the integrity.
"use strict";
addEventListener("message", async ({ data: [address, integrity] }) => {
  try {
    const { ok, body } = await fetch(address, { credentials: "same-origin", integrity });
    if (!ok) return postMessage(null);
    const content = await new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    postMessage(content, [content]);
  } catch {
    postMessage(null);
  }
});
