// Damages the file of an environment of LMDB at random, and then reads and writes it. What is damaged can end the process.
"use strict";
const { join } = require("node:path");
const { rmSync } = require("node:fs");
const { open } = require("lmdb");
const { damage, awaiting } = require("./engine-lib.cjs");
const { described, folder, recorder, runSeeds } = require("./lib.cjs");

const key = (chance) => `key${String(chance.below(300)).padStart(4, "0")}`;

async function made(path, chance) {
  const db = open(path, { overlappingSync: false });
  const named = db.openDB("named", {});
  db.transactionSync(() => {
    for (let i = 0; i < 200; i++) {
      void db.put(key(chance), { i, text: "x".repeat(chance.below(300)) });
      void named.put(key(chance), i);
    }
  });
  await db.close();
}

void runSeeds(async (chance, log, seed) => {
  const tried = recorder(log);
  const told = awaiting(tried, described, log);
  const path = join(folder, `lmdb${seed}`);
  await made(path, chance);
  log(damage(path, /^data\.mdb$/, chance));
  let db;
  let named;
  tried("open", () => (db = open(path, { overlappingSync: false })) && "opened");
  if (db === undefined) return;
  tried("openDB", () => (named = db.openDB("named", {})) && "opened");
  const acts = {
    // Meanwhile, values are polled.
    pause: () => new Promise((resolve) => setTimeout(resolve, 25)),
    get: () => db.get(key(chance)),
    named: () => named?.get(key(chance)),
    getMany: () => db.getMany(chance.several(10, () => key(chance))),
    put: () => db.put(key(chance), { text: "new".repeat(chance.below(100)) }),
    putSync: () => named?.putSync(key(chance), 1),
    remove: () => db.remove(key(chance)),
    keys: () => [...db.getKeys({ start: key(chance), limit: 30 })],
    range: () => [...db.getRange({ reverse: true, limit: 30 })].length,
    count: () => db.getCount(),
    transaction: () => db.transactionSync(() => [db.put(key(chance), 1), named?.put(key(chance), 2), 5].length),
  };
  for (let i = 0; i < 12; i++) {
    const name = chance.one(Object.keys(acts));
    await told(name, acts[name]);
  }
  await told("close", () => db.close());
  rmSync(path, { recursive: true, force: true });
});
