// Fetches a run from wherever it lies, for app/panels/recorded/reading.py: in a frame of its own, whose policy lets it speak to any host.
// The page, which holds what people give it, may speak to its own alone. All that comes here is the address.
"use strict";
const LARGEST = 2_000_000_000; // bytes
const PART = 8_000_000; // bytes that are handed to the browser at a time, which may lay them on the disk
const OFTEN = 250_000; // bytes between two words of how far it has come

addEventListener("message", ({ source, origin, data, ports: [port] }) => {
  if (source !== parent || origin !== location.origin || !port) return;
  port.postMessage({ heard: true });
  relay(String(data), port).catch((error) => port.postMessage({ wrong: error.message }));
});

async function relay(address, port) {
  const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" }).catch(() => {
    throw new Error("could not be reached, or its host doesn’t let other pages read it (CORS)");
  });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const size = Number(answer.headers.get("Content-Length") ?? 0); // packed, where the host packs it
  if (size > LARGEST) throw new Error("is larger than 2 GB");
  port.postMessage({ blob: await read(answer.body, (bytes) => port.postMessage({ bytes, size })) });
}

async function read(body, told) {
  const reader = body.getReader();
  const parts = [];
  let fresh = [];
  let [bytes, laid, said] = [0, 0, 0];
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new Error(`broke off after ${bytes.toLocaleString("en")} bytes`);
    });
    bytes += value?.length ?? 0;
    if (bytes > LARGEST) throw new Error("is larger than 2 GB");
    if (value) fresh.push(value);
    if (done || bytes - laid > PART) {
      parts.push(new Blob(fresh));
      fresh = [];
      laid = bytes;
    }
    if (done) return new Blob(parts);
    if (bytes - said > OFTEN) told((said = bytes));
  }
}
