import { mkdtempSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { engines } from "../../../../instrumentations/index.ts";
import { roundTrips } from "../../../../instrumentations/round-trips.ts";
import { lookAtEngines } from "../../../../src/admin/health/round-trip.ts";
import { isOwn, noteLoaded } from "../../../../src/instrument/own-databases.ts";
import { temporaryFolder } from "../../../helpers/temp.ts";

const require = createRequire(import.meta.url);

/** The engines, and what an application loads of them. */
const MODULES: Readonly<Record<string, readonly unknown[]>> = {
  "better-sqlite3": [BetterSqlite3],
  "classic-level": [require("classic-level"), require("classic-level-2")],
  lmdb: [require("lmdb")],
  "node-sqlite": [{ DatabaseSync }],
  "rocksdb-native": [require("rocksdb-native")],
};

/** A driver that returns something else than was written, or also what was deleted. */
const brokenSqlite = (sql: RegExp, replace: (row: unknown) => unknown): object => ({
  DatabaseSync: class extends DatabaseSync {
    override prepare(text: string) {
      const statement = super.prepare(text);
      const get = statement.get.bind(statement);
      if (sql.test(text)) statement.get = ((...values: string[]) => replace(get(...values))) as typeof statement.get;
      return statement;
    }
  },
});

describe("the probe through an engine", () => {
  const folder = (): string => mkdtempSync(join(temporaryFolder(), "probe-"));

  it("exists for engines that are instrumented", () => {
    expect(Object.keys(roundTrips)).to.have.members(Object.keys(MODULES));
    expect(engines.map(({ id }) => id)).to.include.members(Object.keys(roundTrips));
  });

  for (const [id, modules] of Object.entries(MODULES)) {
    it(`writes, reads and deletes a record, and leaves nothing behind, with ${id}`, async () => {
      const place = folder();
      for (const module of modules) {
        noteLoaded(id, module);
        for (let i = 0; i < 20; i++) expect(await lookAtEngines([id], place)).to.deep.include({ state: "healthy" });
      }
      expect(readdirSync(place)).to.deep.equal([]);
    });
  }

  it("reports that data is not what was written", async () => {
    noteLoaded(
      "node-sqlite",
      brokenSqlite(/^SELECT/, (row) => row && { value: "other" }),
    );
    expect(await lookAtEngines(["node-sqlite"], folder())).to.deep.equal({
      state: "unhealthy",
      message: "node-sqlite: data integrity: what was written is not what is read",
    });
    let last: unknown;
    noteLoaded(
      "node-sqlite",
      brokenSqlite(/^SELECT/, (row) => (last = row ?? last)),
    );
    expect(await lookAtEngines(["node-sqlite"], folder())).to.deep.equal({
      state: "unhealthy",
      message: "node-sqlite: data integrity: what was deleted is still read",
    });
    noteLoaded("node-sqlite", { DatabaseSync });
  });

  it("reports that a database cannot be made, and that there is no such engine", async () => {
    const missing = join(folder(), "missing");
    const failed = await lookAtEngines(["classic-level", "lmdb"], missing);
    expect(failed).to.deep.equal({
      state: "unhealthy",
      message: "classic-level: a record cannot be written and read (ENOENT)",
    });
    expect(await lookAtEngines(["lmdb", "toString"], folder())).to.deep.equal({
      state: "degraded",
      message: "toString: no such probe",
    });
    expect(await lookAtEngines(["lmdb"], "")).to.include({ state: "degraded" });
  });

  it("does not take databases of the application for its own", () => {
    expect(isOwn(new DatabaseSync(":memory:"))).to.equal(false);
  });
});
