// Fetches a run from any host, for app/panels/recorded/reading.py. It runs in a frame of its own, whose policy allows
// requests to all hosts. The page has the visitor's data, so it may only connect to its own host. This frame receives
// nothing but the address.
"use strict";
const MAX_BYTES = 2_000_000_000;
const PART_BYTES = 8_000_000; // handed to the browser at once, which may store them on disk
const PROGRESS_BYTES = 250_000; // between two progress messages

addEventListener("message", ({ source, origin, data, ports: [port] }) => {
  if (source !== parent || origin !== location.origin || !port) return;
  port.postMessage({ heard: true });
  fetchRun(String(data), port).catch((error) => port.postMessage({ wrong: error.message }));
});

async function fetchRun(address, port) {
  const response = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => {
    throw new Error("could not be reached, or its host doesn’t let other pages read it (CORS)");
  });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  const size = Number(response.headers.get("Content-Length") ?? 0); // the compressed size if the host compresses
  if (size > MAX_BYTES) throw new Error("is larger than 2 GB");
  port.postMessage({ blob: await read(response.body, (bytes) => port.postMessage({ bytes, size })) });
}

async function read(body, onProgress) {
  const reader = body.getReader();
  const parts = [];
  let chunks = [];
  let [bytes, stored, reported] = [0, 0, 0];
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error(`broke off after ${bytes.toLocaleString("en")} bytes`);
    });
    bytes += value?.length ?? 0;
    if (bytes > MAX_BYTES) throw new Error("is larger than 2 GB");
    if (value) chunks.push(value);
    if (done || bytes - stored > PART_BYTES) {
      parts.push(new Blob(chunks));
      chunks = [];
      stored = bytes;
    }
    if (done) return new Blob(parts);
    if (bytes - reported > PROGRESS_BYTES) onProgress((reported = bytes));
  }
}
