// Damages the files of a database of LevelDB at random, and then reads and writes it.
"use strict";
const { join } = require("node:path");
const { rmSync } = require("node:fs");
const { ClassicLevel } = require("classic-level");
const { damage, awaiting } = require("./engine-lib.cjs");
const { described, folder, recorder, runSeeds } = require("./lib.cjs");

const key = (chance) => `key${String(chance.below(300)).padStart(4, "0")}`;

async function made(path, chance) {
  const db = new ClassicLevel(path, { writeBufferSize: 16_384 });
  await db.open();
  for (let i = 0; i < 3; i++) {
    await db.batch(Array.from({ length: 100 }, () => ({ type: "put", key: key(chance), value: `${i}`.repeat(200) })));
    await db.compactRange("a", "z");
  }
  for (let i = 0; i < 20; i++) await db.put(key(chance), "last");
  await db.close();
}

void runSeeds(async (chance, log, seed) => {
  const tried = recorder(log);
  const told = awaiting(tried, described, log);
  const path = join(folder, `level${seed}`);
  await made(path, chance);
  log(damage(path, /^(?:\d+\.(?:ldb|log)|MANIFEST-\d+|CURRENT|LOG)$/, chance));
  const db = new ClassicLevel(path, { writeBufferSize: 16_384 });
  await told("open", () => db.open({ paranoidChecks: chance.is(0.5) }));
  const acts = {
    // Meanwhile, values are polled.
    pause: () => new Promise((resolve) => setTimeout(resolve, 25)),
    get: () => db.get(key(chance)),
    getMany: () => db.getMany(chance.several(10, () => key(chance))),
    put: () => db.put(key(chance), "new".repeat(chance.below(100))),
    batch: () => db.batch(chance.several(20, () => ({ type: "del", key: key(chance) }))),
    keys: () => db.keys({ gte: key(chance) }).all(),
    values: async () => (await db.values({ reverse: true, limit: 50 }).all()).length,
    clear: () => db.clear({ gte: key(chance), limit: 5 }),
    size: () => db.approximateSize("a", "z").then((size) => size >= 0),
    compact: () => db.compactRange("a", "z"),
  };
  for (let i = 0; i < 12; i++) {
    const name = chance.one(Object.keys(acts));
    await told(name, acts[name]);
  }
  await told("close", () => db.close());
  await told("destroy", () => ClassicLevel.destroy(path));
  rmSync(path, { recursive: true, force: true });
});
