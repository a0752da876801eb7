import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { ROOT } from "../helpers/app.ts";

/** Work at whose end something has occurred in each layer of both services, also on a busy machine. */
const SECONDS = "6";

describe("the demo", () => {
  let shown: string;
  /** Finds the count in the row of a layer, with its first operation or a later one. */
  const count = (row: RegExp): number => Number(row.exec(shown)?.[1]?.replaceAll(",", "") ?? 0);

  before(async () => {
    const args = ["examples/dictionary/demo.ts", "--seconds", SECONDS];
    ({ stdout: shown } = await promisify(execFile)(process.execPath, args, { cwd: ROOT }));
  });

  it("measures every request of its clients", () => {
    const [, answers, requests] = /the clients got ([\d,]+) answers; the services measured ([\d,]+) requests/.exec(
      shown,
    )!;
    expect(answers).to.equal(requests);
  });

  it("shows all layers of both services", () => {
    for (const layer of ["http", "transaction", "commit", "operation", "wal", "snapshot", "search"])
      expect(count(new RegExp(`^${layer} +.*? {2,}([\\d,]+)`, "m")), layer).to.be.above(0);
    const [, ingest] = shown.split("service ingest") as [string, string];
    for (const layer of ["http", "transaction", "operation", "flush", "compaction", "stall", "cache"])
      expect(ingest, layer).to.match(new RegExp(`^${layer} +.*? {2,}[1-9]`, "m"));
  });

  it("draws flushes, compactions and stalls in time, as many as were counted", () => {
    expect(shown).to.match(/^background work of sightings, one character is \S+ ms$/m);
    const drawn = count(/^flush +\S{80} ([\d,]+)/m);
    expect(drawn).to.be.above(5);
    expect(drawn).to.equal(count(/^flush +of sightings, memtable_full +([\d,]+)/m));
    expect(count(/^compaction +\S{80} ([\d,]+)/m)).to.be.above(0);
    expect(count(/^stall +\S{80} ([\d,]+)/m)).to.be.above(0);
  });

  it("finds the stall, the reader that keeps pages, and what the cache is good for", () => {
    expect(shown).to.match(/writes to sightings stood still \d+ times?, for [\d.]+ m?s: its memory was full/);
    expect(shown).to.match(/a reader of totals was \d+ commits? behind/);
    expect(shown).to.match(/the cache RecentSightings had \d+ % of the [\d,]+ entries/);
  });
});
