"use strict";
// Workers started in all ways: each runs 5 INSERTs and says what it sees of its options.
const threads = require("node:worker_threads");
const { Worker, SHARE_ENV } = threads;

const work = `
  const { DatabaseSync } = require("node:sqlite");
  const { parentPort, workerData } = require("node:worker_threads");
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (a)");
  for (let i = 0; i < 5; i++) db.prepare("INSERT INTO t VALUES (?)").run(i);
  const { NODE_OPTIONS, OWN } = process.env;
  parentPort.postMessage(JSON.stringify([workerData, process.execArgv, process.argv.slice(2), NODE_OPTIONS, OWN]));
`;

class Mine extends Worker {}

const ways = [
  ["plain"],
  ["execArgv", { execArgv: [] }],
  ["own execArgv", { execArgv: ["--no-warnings", "--stack-trace-limit=5"].slice(0, 1), argv: ["a"] }],
  ["env", { env: { OWN: "1" } }],
  ["shared env", { env: SHARE_ENV }],
  ["both", { execArgv: [], env: {} }],
  ["subclass", { execArgv: [], type: Mine }],
  ["url", { execArgv: [], isUrl: true }],
];

async function start([name, { type: Type = Worker, isUrl, ...options } = {}], isFile) {
  const file = isUrl || !isFile ? new URL(`data:text/javascript,${encodeURIComponent(module_(work))}`) : __filename;
  const code = isFile ? file : work;
  const worker = new Type(isUrl ? file : code, {
    workerData: name,
    ...(!isUrl && !isFile && { eval: true }),
    ...options,
  });
  const messages = [];
  worker.on("message", (message) => messages.push(message));
  await new Promise((resolve, reject) => worker.once("error", reject).once("exit", resolve));
  return [isFile, messages, worker instanceof Worker, worker.constructor === Type];
}

/** The same code as an ES module. */
function module_(code) {
  return `import { createRequire } from "node:module"; const require = createRequire("/");${code}`;
}

if (threads.isMainThread) {
  void (async () => {
    for (const way of ways) for (const isFile of [true, false]) console.log(JSON.stringify(await start(way, isFile)));
    const { Worker: imported } = await import("node:worker_threads");
    console.log(imported === Worker, Worker.name, Worker.length, Object.getPrototypeOf(Worker).name);
    for (const args of [["relative"], [__filename, { execArgv: 1 }], [__filename, { execArgv: ["--title=x"] }], [1]]) {
      try {
        console.log(typeof new Worker(...args));
      } catch (error) {
        console.log(error.code, error.message);
      }
    }
  })();
} else {
  // oxlint-disable-next-line no-eval -- the same work as where it is not in a file
  eval(work);
}
