import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Package from "classic-level";
import { expect } from "chai";
import { describe, it } from "mocha";
import { eventsOf, eventsSoFar } from "../../helpers/events.ts";
import { collect, count } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { RocksDB } from "../rocksdb-native/rocksdb.ts";

const { ClassicLevel } = createRequire(import.meta.url)("classic-level") as typeof Package;

/** Damages the write-ahead log in a folder, in its middle. */
function damage(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".log"))) {
    const bytes = readFileSync(join(folder, name));
    if (bytes.length > 100_000) bytes.fill(0x5a, 50_000, 50_100);
    writeFileSync(join(folder, name), bytes);
  }
}

/** Opens, fills and closes a database, and opens it again when its log is damaged. @returns the events of that */
async function reopened(
  db: { put(key: string, value: string): Promise<void>; close(): Promise<void> },
  again: () => Promise<void>,
  folder: string,
): Promise<string[]> {
  for (let i = 0; i < 100; i++) await db.put(`secret-${i}`, "x".repeat(3_000));
  await db.close();
  damage(folder);
  eventsOf(() => undefined);
  await again();
  await collect();
  return eventsSoFar().map(({ eventName, attributes }) => `${eventName} ${String(attributes["storage.file.type"])}`);
}

describe("a damaged write-ahead log", () => {
  it("of LevelDB is an event, and counted", async () => {
    const folder = join(temporaryFolder(), "damaged-level");
    const db = new ClassicLevel(folder);
    const events = await reopened(db, () => db.open(), folder);
    await db.close();
    expect(events).to.include("storage.corruption wal");
    expect(await count("storage.corruptions", { "db.namespace": "damaged-level" })).to.be.above(0);
  });

  it("of RocksDB is an event, and counted", async () => {
    const folder = join(temporaryFolder(), "damaged-rocks");
    const again = new RocksDB(folder);
    const events = await reopened(new RocksDB(folder), () => again.ready(), folder);
    await again.close();
    expect(events).to.include("storage.corruption wal");
    expect(await count("storage.corruptions", { "db.namespace": "damaged-rocks" })).to.be.above(0);
  });
});
