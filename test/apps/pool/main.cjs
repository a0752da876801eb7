// A pool of workers: answers each line of its standard input, a number and code, with what the code evaluates to, and
// terminates the workers when its standard input ends.
const { statSync } = require("node:fs");
const { createInterface } = require("node:readline");
const { runInThisContext } = require("node:vm");
const { Worker } = require("node:worker_threads");
const { trace } = require("@opentelemetry/api");
const { db, work } = require("./work.cjs");
const tasks = require("./tasks.cjs");

const workers = {};

/** Starts a worker, and resolves with its first message. */
const start = (name, options) =>
  new Promise((resolve, reject) => {
    workers[name] = new Worker("./worker.cjs", { name, workerData: options?.data, ...options });
    workers[name].once("message", resolve).once("error", reject);
  });

/** Has a worker evaluate code, and resolves with what that is. */
const evaluate = (name, code) =>
  new Promise((resolve) => {
    workers[name].once("message", resolve);
    workers[name].postMessage(code);
  });

const ended = (name) => new Promise((resolve) => workers[name].once("exit", resolve));

/** Starts a worker that works until it is terminated, and resolves once it does. */
async function startForever(name) {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  workers[name] = new Worker("./worker.cjs", { workerData: { progress, run: "tasks.workForever()" } });
  while (Atomics.load(progress, 0) <= 100) await new Promise(setImmediate);
  return progress;
}

/** Waits, without coming to the event loop, until a worker has ended spans. */
function waitForSpans(name, n) {
  const done = new Int32Array(new SharedArrayBuffer(4));
  workers[name] = new Worker("./worker.cjs", { workerData: { done, run: `tasks.endSpans(${n})` } });
  Atomics.wait(done, 0, 0);
}

/** Has a worker end spans while the event loop turns, and resolves when it has ended. */
function endSpansInTurns(name, n) {
  const turns = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(turns, 0, 1), 5).unref();
  workers[name] = new Worker("./worker.cjs", { workerData: { turns, run: `tasks.endSpansInTurns(${n})` } });
  return ended(name);
}

/** Has all workers insert in turns, and resolves with how often the file of the database was modified: by checkpoints. */
async function insertInTurns(file, rounds) {
  const modified = () => statSync(file, { bigint: true }).mtimeNs;
  let last = modified();
  let checkpoints = 0;
  for (let i = 0; i < rounds; i++) {
    for (const name of Object.keys(workers)) {
      await evaluate(name, `insert.run(${i % 40}), 1`);
      const now = modified();
      if (now !== last) checkpoints++;
      last = now;
    }
  }
  return checkpoints;
}

const sizesOf = (file) => ({ size: statSync(file).size, log: statSync(`${file}-wal`).size });

// What code has at hand.
Object.assign(globalThis, { db, ended, endSpansInTurns, insertInTurns, require, sizesOf, start, startForever });
Object.assign(globalThis, { tasks, evaluate, trace, waitForSpans, work, workers });

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const [number] = line.split(" ", 1);
  const result = await runInThisContext(line.slice(number.length));
  console.log("answer", number, JSON.stringify(result ?? null));
});
lines.on("close", () => {
  for (const worker of Object.values(workers)) void worker.terminate();
});
