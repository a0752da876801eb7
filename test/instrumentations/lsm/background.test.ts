import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT_CONTEXT, context, trace, TraceFlags } from "@opentelemetry/api";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Background } from "../../../instrumentations/lsm/background.ts";
import { Backlog } from "../../../instrumentations/lsm/backlog.ts";
import { addLevels, levelsIn, sortedRuns } from "../../../instrumentations/lsm/levels.ts";
import type { LogReports } from "../../../instrumentations/lsm/runs.ts";
import { WritesInFlight } from "../../../instrumentations/lsm/writes-in-flight.ts";
import { databaseIdentity, Instance } from "../../../src/recording/instance.ts";
import { count } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const SECOND = 1_000_000_000n;

/** Background work of a database whose log is in a folder. */
function backgroundIn(folder: string, name: string): { background: Background; reports: LogReports; end: () => void } {
  const instance = new Instance(databaseIdentity("tidemark", name));
  const source = { instance, folder, engine: "Tidemark", isFresh: true };
  const background = new Background(source, () => ({ read() {}, ended() {}, compacting: 0, stalls: [5n * SECOND] }));
  return {
    background,
    reports: background,
    end() {
      background.close();
      instance.closed();
    },
  };
}

function folderWithLog(): string {
  const folder = join(temporaryFolder(), "tidemark");
  mkdirSync(folder);
  writeFileSync(join(folder, "LOG"), "");
  return folder;
}

const RUN = { start: SECOND, end: 2n * SECOND, reason: undefined, failure: undefined };
const COMPACTION = { ...RUN, level: 1, inputs: 2, outputs: 1, bytes: 3_000 };

describe("the background work of engines that merge files", () => {
  it("has an amplification from the first flush on, and a failure until work succeeds again", () => {
    const { background, reports, end } = backgroundIn(folderWithLog(), "merges");
    expect(background.writeAmplification).to.equal(undefined);
    reports.flushed({ ...RUN, bytes: 1_000 });
    expect(background.writeAmplification).to.equal(1);
    reports.compacted(COMPACTION);
    expect(background.writeAmplification).to.equal(4);
    reports.compacted({ ...COMPACTION, failure: "Corruption" });
    reports.failed("compaction", "Corruption");
    expect([background.failure, background.writeAmplification]).to.deep.equal(["Corruption", 4]);
    expect(background.lastCompaction).to.equal(2_000);
    reports.flushed({ ...RUN, bytes: 1_000 });
    expect(background.failure).to.equal(undefined);
    end();
  });

  it("is not known if the log cannot be read, which is counted once", async () => {
    const of = { "db.system.name": "tidemark", "storage.collector.name": "log" };
    const { background, end } = backgroundIn(join(temporaryFolder(), "nothing"), "unreadable");
    expect([background.compacting, background.stalls]).to.deep.equal([undefined, undefined]);
    expect(await count("storage.collector.errors", of)).to.equal(1);
    expect(await count("storage.instrumentation.errors", { "storage.driver.name": "engine log" })).to.equal(0);
    end();
  });

  it("has waited since there was something to compact, or since something was compacted", () => {
    const { background, reports, end } = backgroundIn(folderWithLog(), "waits");
    const backlog = new Backlog();
    backlog.note(undefined);
    expect(backlog.stateWith(background)).to.deep.equal({
      failure: undefined,
      stoppedSince: 5_000,
      waitingSince: undefined,
    });
    const before = Date.now();
    backlog.note(1_000);
    expect(backlog.stateWith(background).waitingSince).to.be.within(before, Date.now());
    const later = BigInt(Date.now() + 10_000) * 1_000_000n;
    reports.compacted({ ...COMPACTION, start: later, end: later });
    backlog.note(500);
    expect(backlog.stateWith(background).waitingSince).to.equal(Number(later / 1_000_000n));
    backlog.note(0);
    expect(backlog.stateWith(background).waitingSince).to.equal(undefined);
    end();
  });
});

describe("the writes in flight", () => {
  const spanOf = (id: number): ReturnType<typeof trace.setSpanContext> =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: "1".repeat(32),
      spanId: String(id).padStart(16, "0"),
      traceFlags: TraceFlags.SAMPLED,
    });
  const at = (): bigint => BigInt(Date.now()) * 1_000_000n;
  const spanIdAt = (writes: WritesInFlight, time: bigint): string | undefined => {
    const found = writes.spanAt(time);
    return found && trace.getSpanContext(found)!.spanId;
  };

  it("tell the span of a moment if all of them are its, and nothing else", () => {
    const writes = new WritesInFlight();
    const time = at();
    expect(spanIdAt(writes, time)).to.equal(undefined);
    context.with(spanOf(7), () => writes.ended(writes.began()));
    context.with(spanOf(7), () => writes.began());
    expect(spanIdAt(writes, time)).to.equal("7".padStart(16, "0"));
    expect(spanIdAt(writes, time - 10n * SECOND)).to.equal(undefined);
    context.with(spanOf(8), () => writes.began());
    expect(spanIdAt(writes, at())).to.equal(undefined);
  });

  it("tell nothing of a moment whose writes are forgotten", () => {
    const writes = new WritesInFlight();
    const time = at();
    context.with(spanOf(7), () => {
      for (let i = 0; i < 1_025; i++) writes.began();
    });
    expect(spanIdAt(writes, time - 2n * SECOND)).to.equal(undefined);
  });
});

describe("the levels of an engine", () => {
  it("are those of its statistics, of all trees together, without sizes that are rounded to nothing", () => {
    const first = levelsIn("Level Files Size(MB)\n----------\n  0        3        0\n  1        2        7\n", 0);
    expect(first).to.deep.equal([
      { files: 3, bytes: undefined },
      { files: 2, bytes: 7 * 1_048_576 },
    ]);
    const second = levelsIn("  2   1    5  0 0 3\n", 4);
    expect(addLevels([first, second]).map(({ files }) => files)).to.deep.equal([3, 2, 1, 0]);
    expect(addLevels([first, second])[0]!.bytes).to.equal(undefined);
    expect([sortedRuns(first), sortedRuns(second), sortedRuns([])]).to.deep.equal([4, 1, 0]);
  });
});
