import { expect } from "chai";
import { describe, it } from "mocha";
import { storageChecks } from "../../../../src/admin/health/storage-checks.ts";
import { readConfig } from "../../../../src/config/index.ts";
import type { Verdict } from "../../../../src/health/check.ts";
import { watchDatabase, type BackgroundWork, type OpenDatabase } from "../../../../src/instrument/open-instances.ts";
import { databaseIdentity, Instance } from "../../../../src/recording/instance.ts";

const FINE: BackgroundWork = { failure: undefined, stoppedSince: undefined, waitingSince: undefined };

/** Returns the verdict of the check on a database with the given background work. */
async function verdictOn(work: Partial<BackgroundWork> | undefined): Promise<Verdict> {
  const instance = new Instance(databaseIdentity("tidemark", "harbour"));
  const database: OpenDatabase = {
    database: instance,
    files: {},
    isReadOnly: false,
    isWritten: true,
    connections: 1,
    isInPlace: () => true,
    version: () => undefined,
    recovery: () => "done",
    waiting: () => undefined,
    backgroundWork: async () => work && { ...FINE, ...work },
    failureKind: () => "application",
  };
  const unwatch = watchDatabase(database);
  try {
    const checks = storageChecks(readConfig({}).config);
    const check = checks.find(({ name }) => name === "storage.compaction")!;
    expect(check.required).to.equal(false);
    return await check.run(new AbortController().signal);
  } finally {
    unwatch();
    instance.closed();
  }
}

describe("the health check storage.compaction", () => {
  it("is healthy while there is nothing to tell, a short stall, or work that goes on", async () => {
    const now = Date.now();
    const works = [undefined, {}, { stoppedSince: now - 500 }, { waitingSince: now - 300_000 }];
    for (const work of works) expect((await verdictOn(work)).state, JSON.stringify(work)).to.equal("healthy");
  });

  it("is degraded by a stall of a second and by what has waited for ten minutes, and unhealthy by more", async () => {
    const now = Date.now();
    const stalled = await verdictOn({ stoppedSince: now - 3_000 });
    expect(stalled).to.deep.equal({ state: "degraded", message: "harbour: writes have been stopped for 3 s" });
    expect((await verdictOn({ stoppedSince: now - 12_000 })).state).to.equal("unhealthy");
    const waiting = await verdictOn({ waitingSince: now - 700_000 });
    expect(waiting.state).to.equal("degraded");
    expect(waiting.message).to.equal("harbour: nothing has been compacted for 700 s, and data waits for it");
  });

  it("is unhealthy while work in the background has failed", async () => {
    expect(await verdictOn({ failure: "Corruption" })).to.deep.equal({
      state: "unhealthy",
      message: "harbour: its background work failed (Corruption)",
    });
  });
});
