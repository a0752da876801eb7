// Opens, uses and closes databases, of which several are always open, while it is scraped; until its input ends.
"use strict";
const { ClassicLevel } = require("classic-level");
const { open } = require("lmdb");
const { LRUCache } = require("lru-cache");
const { described, fresh, say } = require("./lib.cjs");

const state = { isOver: false };
process.stdin.on("end", () => (state.isOver = true)).resume();
process.on("unhandledRejection", (error) => say(`unhandled ${described(error)}`));

async function levels(name) {
  while (!state.isOver) {
    const db = new ClassicLevel(fresh(name), { writeBufferSize: 65_536 });
    void db.open();
    await Promise.all(Array.from({ length: 20 }, (_, i) => db.put(`k${i}`, "v".repeat(5_000))));
    const reading = db.keys().all();
    // While it reads, and while it is polled.
    await Promise.allSettled([reading, db.close()]);
  }
}

async function environments(name) {
  while (!state.isOver) {
    const db = open(fresh(name), {});
    const named = db.openDB("named", {});
    const work = Array.from({ length: 20 }, (_, i) => named.put(`k${i}`, i));
    await new Promise((resolve) => setTimeout(resolve, 3));
    await Promise.allSettled([...work, db.close()]);
  }
}

async function caches() {
  while (!state.isOver) {
    class Short extends LRUCache {}
    const cache = new Short({ max: 10 });
    for (let i = 0; i < 100; i++) cache.set(i, i);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

void Promise.all([levels("level1"), levels("level2"), environments("lmdb1"), environments("lmdb2"), caches()]).then(
  () => {
    say("closed");
    // Scraped once more, without any of them.
    process.on("SIGTERM", () => process.exit());
    setInterval(() => {}, 1_000);
  },
);
