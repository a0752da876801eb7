"use strict";
// Starts workers one after another, and tells what one takes.
const { once } = require("node:events");
const { join } = require("node:path");
const { setTimeout } = require("node:timers/promises");
const { Worker } = require("node:worker_threads");

/** Milliseconds in which what was put off comes to its end. */
const SETTLED = 300;

async function start() {
  const start = performance.now();
  await once(new Worker(join(__dirname, "worker.cjs")), "message");
  return performance.now() - start;
}

async function main(count) {
  await setTimeout(SETTLED);
  const before = process.memoryUsage.rss();
  const times = [];
  for (let i = 0; i < count; i++) times.push(await start());
  await setTimeout(SETTLED);
  process.send({ times, bytes: (process.memoryUsage.rss() - before) / count });
}

process.on("disconnect", () => process.exit());
void main(Number(process.argv[2]));
