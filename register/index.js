"use strict";
// CommonJS, and no syntax younger than Node.js 12: an older Node.js has to be able to read the line that says so.
const [major, minor] = process.versions.node.split(".").map(Number);

function say(message) {
  try {
    // Not process.stderr: see src/runtime/stderr.ts.
    require("fs").writeSync(
      2,
      `stratascope: ${message()
        .replace(/[^ -~]/g, " ")
        .slice(0, 1000)}\n`,
    );
  } catch {
    // Closed, or full.
  }
}

if (major > 22 || (major === 22 && minor >= 15)) {
  try {
    require("../dist/src/core.cjs").register(__filename.replace(/index\.js$/, "worker.js"));
  } catch (error) {
    say(
      () => `could not be loaded, the application runs without it: ${String(error && error.message).split("\n", 1)[0]}`,
    );
  }
} else {
  say(() => `needs Node.js 22.15 or newer and this is ${process.versions.node}; the application runs without it`);
}
