// Opens and closes environments, each with a name of its own, and prints the bytes that each of them leaves.
const { mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { open } = require("lmdb");

const folder = mkdtempSync(join(tmpdir(), "closed-"));
let opened = 0;

async function use() {
  const name = `environment-${++opened}`;
  const root = open({ path: join(folder, name), noSync: true });
  const cached = root.openDB(name, { cache: true });
  await cached.put("a", 1);
  cached.get("b");
  for (const key of cached.getKeys()) cached.doesExist(key);
  await root.transaction(() => root.put("b", 1));
  root.transactionSync(() => void root.remove("b"));
  await root.close();
  rmSync(join(folder, name), { recursive: true });
}

async function heapAfter(count) {
  for (let i = 0; i < count; i++) await use();
  await new Promise((resolve) => setTimeout(resolve, 20));
  global.gc();
  return process.memoryUsage().heapUsed;
}

async function main() {
  const before = await heapAfter(100);
  const after = await heapAfter(150);
  rmSync(folder, { recursive: true });
  console.log(Math.round((after - before) / 150));
}

void main();
