// Writes until the disk has no more room for it (the process runs under a limit of the size of a file), and reads then.
"use strict";
const { fresh, main, tell, say } = require("./lib.cjs");

const scenarios = {
  async level() {
    const { ClassicLevel } = require("classic-level");
    const db = new ClassicLevel(fresh("level"), { writeBufferSize: 4_000_000 });
    await tell("open", () => db.open());
    for (let i = 0; i < 20; i++)
      await tell(`put ${i}`, () => db.put(`key${i}`, "v".repeat(20_000), { sync: i % 2 === 0 }));
    await tell("batch", () => db.batch([{ type: "put", key: "a", value: "b".repeat(400_000) }]));
    await tell("get", async () => (await db.get("key0")).length);
    await tell("keys", async () => (await db.keys().all()).length);
    await tell("compact", () => db.compactRange("a", "z"));
    await tell("close", () => db.close());
    await tell("open again", () => db.open());
    await tell("close again", () => db.close());
  },

  async lmdb() {
    const { open } = require("lmdb");
    const db = open(fresh("lmdb"), { overlappingSync: false });
    for (let i = 0; i < 40; i++) await tell(`put ${i}`, () => db.put(`key${i}`, "v".repeat(20_000)));
    await tell("sync", () => db.transactionSync(() => db.put("sync", "v".repeat(400_000))));
    await tell("get", () => db.get("key0").length);
    await tell("keys", () => [...db.getKeys()].length);
    say("closing");
    await tell("close", () => db.close());
  },
};

void main(scenarios);
