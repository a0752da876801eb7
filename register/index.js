"use strict";
// CommonJS, and no syntax younger than Node.js 12: an older Node.js has to be able to read the line that says so.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 15)) {
  try {
    require("../dist/src/main.cjs").register();
  } catch (error) {
    process.stderr.write(
      `stratascope: could not be loaded, the application runs without it: ${String(error && error.message).split("\n", 1)[0]}\n`,
    );
  }
} else {
  process.stderr.write(
    `stratascope: needs Node.js 22.15 or newer and this is ${process.versions.node}; the application runs without it\n`,
  );
}
