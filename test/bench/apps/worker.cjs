"use strict";
// Says that it runs, and stays.
const { parentPort } = require("node:worker_threads");

parentPort.on("message", () => {});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker_threads, no window
parentPort.postMessage("runs");
