import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Package from "classic-level";
import { expect } from "chai";
import { describe, it } from "mocha";
import { pendingIn } from "../../../instrumentations/classic-level/polled.ts";
import { openDatabases, type OpenDatabase } from "../../../src/instrument/open-instances.ts";
import { eventually } from "../../helpers/eventually.ts";
import { collect, count, spansDuring } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const { ClassicLevel } = createRequire(import.meta.url)("classic-level") as typeof Package;

const SMALL = { writeBufferSize: 64 * 1024, maxFileSize: 1 << 20 };
const MEGABYTE = 1_048_576;

const opened = (name: string): OpenDatabase =>
  [...openDatabases()].find(({ database }) => database.attributes["db.namespace"] === name)!;

describe("the amplification of LevelDB", () => {
  it("is what its log says, its sorted runs are those of its levels, and flushes are linked to who wrote", async () => {
    const of = { "db.namespace": "level-amplified" };
    const db = new ClassicLevel(join(temporaryFolder(), "level-amplified"), { ...SMALL, compression: false });
    const value = randomBytes(500).toString("hex");
    const spans = await spansDuring(async () => {
      for (let i = 0; i < 60; i++)
        await db.batch(
          Array.from({ length: 40 }, (_, j) => ({ type: "put" as const, key: `${(i * 7 + j) % 500}`, value })),
        );
      await collect();
    });
    const log = readFileSync(join(db.location, "LOG"), "latin1");
    const sum = (pattern: RegExp): number =>
      Array.from(log.matchAll(pattern), ([, bytes]) => Number(bytes)).reduce((a, b) => a + b, 0);
    const flushed = sum(/Level-0 table #\d+: (\d+) bytes OK/g);
    const expected = (flushed + sum(/Compacted .* => (\d+) bytes/g)) / flushed;
    await eventually(async () => Math.abs((await count("storage.amplification.write", of)) - expected) < 1e-9);
    expect(expected).to.be.above(1);
    const property = (level: number): number => Number(db.getProperty(`leveldb.num-files-at-level${level}`));
    const runs = property(0) + [1, 2, 3, 4, 5, 6].filter((level) => property(level) > 0).length;
    expect(await count("storage.amplification.read", of)).to.equal(runs);
    const request = spans.find(({ name }) => name === "request")!.spanContext().spanId;
    await db.close();
    const full = spans.filter(({ attributes }) => attributes["storage.flush.reason"] === "memtable_full");
    const linked = full.filter(({ links }) => links.some(({ context }) => context.spanId === request));
    expect(full.length).to.be.above(5);
    // On a busy machine, a flush can begin when the write has ended.
    expect(linked.length).to.be.above(full.length / 2);
  });

  it("has bytes that wait above the size of a level, by the rules of LevelDB", () => {
    const empty = { files: 0, bytes: 0 };
    const at = (...levels: (typeof empty)[]): number | undefined => pendingIn([...levels, empty]);
    expect(at({ files: 3, bytes: 5 * MEGABYTE }, { files: 5, bytes: 10 * MEGABYTE })).to.equal(0);
    expect(at({ files: 4, bytes: 5 * MEGABYTE }, { files: 6, bytes: 12 * MEGABYTE })).to.equal(7 * MEGABYTE);
    expect(at(empty, empty, { files: 60, bytes: 130 * MEGABYTE })).to.equal(30 * MEGABYTE);
    expect(pendingIn([{ files: 4, bytes: undefined }, empty])).to.equal(undefined);
  });
});

describe("the health of LevelDB's background work", () => {
  it("is fine while it goes on, and that of its failure after one", async () => {
    const location = join(temporaryFolder(), "level-health");
    const db = new ClassicLevel(location, { compression: false });
    for (const value of ["before", "after"]) {
      await db.put("a", value.repeat(3_000));
      await db.put("z", value.repeat(3_000));
      if (value === "before") await db.compactRange("a", "zz");
    }
    await collect();
    const fine = await opened("level-health").backgroundWork!();
    expect(fine).to.deep.equal({ failure: undefined, stoppedSince: undefined, waitingSince: undefined });
    await db.close();
    for (const file of readdirSync(location).filter((name) => name.endsWith(".ldb"))) {
      const bytes = readFileSync(join(location, file));
      bytes.fill(0xff, 3_000, bytes.length - 600);
      writeFileSync(join(location, file), bytes);
    }
    await db.open();
    await db.compactRange("a", "zz");
    await collect();
    expect((await opened("level-health").backgroundWork!())!.failure).to.equal("LEVEL_CORRUPTION");
    await db.close();
  });
});
