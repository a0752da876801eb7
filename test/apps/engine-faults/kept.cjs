// What is written is there, however the process ends: by a signal, in a callback, in a worker that is stopped.
"use strict";
const { fork } = require("node:child_process");
const { once } = require("node:events");
const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { isMainThread, Worker, workerData } = require("node:worker_threads");
const { ClassicLevel } = require("classic-level");
const { open } = require("lmdb");
const { DATA, main, say, tell } = require("./lib.cjs");

const folders = { level: join(DATA, "level"), lmdb: join(DATA, "lmdb") };

/** Writes without an end; says so after the first writes. */
async function write(told) {
  const db = new ClassicLevel(folders.level, { multithreading: !isMainThread });
  const other = open(folders.lmdb, {});
  for (let i = 0; ; i++) {
    await Promise.all([db.put(`k${i % 100}`, "v".repeat(500)), other.put(`k${i % 100}`, i)]);
    if (i === 100) told();
  }
}

/** Returns the records that a former process left. */
async function read() {
  const db = new ClassicLevel(folders.level);
  const keys = await db.keys().all();
  await db.close();
  const other = open(folders.lmdb, {});
  const count = [...other.getKeys()].length;
  await other.close();
  return [keys.length, count];
}

const scenarios = {
  async signal() {
    const child = fork(__filename, ["write"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await once(child, "message");
    await tell("locked", () => new ClassicLevel(folders.level).open());
    child.kill("SIGKILL");
    say(`ended by ${(await once(child, "exit")).join()}`);
    await tell("left", read);
  },

  async exit() {
    const child = fork(__filename, ["exit"], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    say(`ended by ${(await once(child, "exit")).join()}`);
    await tell("left", read);
  },

  async worker() {
    const worker = new Worker(__filename, { workerData: "write" });
    await once(worker, "message");
    say(`ended by ${await worker.terminate()}`);
    await tell("there", () => existsSync(folders.level));
  },

  async workers() {
    const workers = Array.from({ length: 3 }, () => new Worker(__filename, { workerData: "share" }));
    await Promise.all(workers.map((worker) => once(worker, "exit")));
    await tell("left", async () => (await read())[1] > 0);
  },
};

async function exits() {
  const db = new ClassicLevel(folders.level);
  await db.put("a", "b");
  const put = open(folders.lmdb, {}).put("a", 1);
  void put.then(() => process.exit(7));
}

async function share() {
  const db = new ClassicLevel(folders.level, { multithreading: true });
  await db.put("a", "b");
  const other = open(folders.lmdb, {});
  await other.put("a", 1);
  await other.close();
  await db.close();
}

if (!isMainThread) {
  const { parentPort } = require("node:worker_threads");
  void (workerData === "write" ? write(() => parentPort.postMessage("written")) : share());
} else if (process.argv[2] === "write") void write(() => process.send("written"));
else if (process.argv[2] === "exit" && process.send !== undefined) void exits();
else void main(scenarios);
