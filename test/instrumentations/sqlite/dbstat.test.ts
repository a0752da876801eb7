import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { inspectSpace, type InspectedObject } from "../../../src/instrument/space-report.ts";
import { copyOf, count, spansOf } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);

const inspect = (namespace: string): readonly InspectedObject[] | undefined => {
  const found = inspectSpace().filter((each) => each.namespace === namespace);
  expect(found).to.have.length(1);
  return found[0]!.objects;
};

describe("an inspection of space", () => {
  it("reports the size of each table and index once per file, without telemetry of its own", async () => {
    const path = join(temporaryFolder(), "inspected.db");
    const [db, other] = [new Database(path), new Database(path)];
    db.pragma("journal_mode = WAL");
    db.exec("CREATE TABLE big (data); CREATE INDEX big_data ON big (data); CREATE TABLE small (k)");
    db.exec("INSERT INTO big VALUES (zeroblob(100000)); INSERT INTO small VALUES (1)");
    other.prepare("SELECT * FROM small").get();
    const page = db.pragma("page_size", { simple: true }) as number;
    const pages = db.pragma("page_count", { simple: true }) as number;
    const before = await count("db.client.operation.duration", { "db.namespace": "inspected" });

    let objects: readonly InspectedObject[] | undefined;
    const spans = spansOf(() => (objects = inspect("inspected")));
    expect(spans.map(({ name }) => name)).to.deep.equal(["request"]);
    expect(spans[0]!.attributes).to.deep.equal({});
    expect(await count("db.client.operation.duration", { "db.namespace": "inspected" })).to.equal(before);

    expect(objects!.map(({ name }) => name)).to.have.members(["big", "big_data", "small", "sqlite_schema"]);
    expect(objects!.at(-1)!.pages).to.equal(1);
    expect(objects!.reduce((sum, each) => sum + each.pages, 0)).to.equal(pages);
    for (const { bytes, pages: own, unusedBytes } of objects!) {
      expect(bytes).to.equal(own * page);
      expect(unusedBytes).to.be.within(1, bytes);
    }
    db.close();
    expect(inspect("inspected")).to.have.length(4);
    other.close();
    expect(inspectSpace().filter(({ namespace }) => namespace === "inspected")).to.deep.equal([]);
  });

  it("leaves out a database that it would block", () => {
    const db = new Database(join(temporaryFolder(), "journalled.db"));
    db.exec("CREATE TABLE kv (k)");
    expect(inspect("journalled")).to.equal(undefined);
    db.exec("PRAGMA journal_mode = WAL; INSERT INTO kv VALUES (1)");
    expect(inspect("journalled")).to.have.length(2);
    db.exec("BEGIN");
    expect(inspect("journalled")).to.equal(undefined);
    db.exec("COMMIT");
    db.close();
    const logged = new Database(join(temporaryFolder(), "logged.db"), { verbose: () => {} });
    logged.exec("PRAGMA journal_mode = WAL; CREATE TABLE kv (k)");
    expect(inspect("logged")).to.equal(undefined);
    logged.close();
  });
});
