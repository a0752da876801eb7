// Uses LevelDB in a process that may not read its folder by itself (`--permission`); its native code may.
"use strict";
const { ClassicLevel } = require("classic-level");

async function run() {
  const db = new ClassicLevel("level");
  await db.put("a", "b");
  console.log(await db.get("a"));
  await db.close();
}

void run();
