"use strict";
// The plotting library travels compressed; it is a script of this page as soon as it is unpacked.
async function unpackLibrary() {
  const packed = atob(document.getElementById("packed").textContent), bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i++) { bytes[i] = packed.charCodeAt(i); }
  const script = document.createElement("script");
  script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  document.body.append(script);
}
