import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { collect, copyOf, count, seriesWith, spansDuring, spansOf, withoutStatements } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
const sqlite = createRequire(import.meta.url)("node:sqlite") as typeof import("node:sqlite") & NewerModule;

interface State {
  readonly totalPages: number;
  readonly remainingPages: number;
}
interface Options {
  readonly progress?: (state: State) => unknown;
  readonly rate?: number;
}
/** What the types of the first supported version of Node.js do not have. */
interface NewerModule {
  backup(db: object, path: string | URL, options?: Options): Promise<number>;
}

/** What a database can do with each binding. */
interface Db {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...values: unknown[]): unknown;
    get(...values: unknown[]): unknown;
    iterate(): Iterator<unknown>;
  };
  serialize(schema?: unknown): Uint8Array;
  close(): void;
}

interface Binding {
  open(path: string): Db;
  /** @returns the pages of the backup */
  backup(db: Db, file: string, options?: Options): Promise<number>;
}

const BINDINGS: Readonly<Record<string, Binding>> = {
  "better-sqlite3": {
    open: (path) => new Database(path) as unknown as Db,
    async backup(db, file, options) {
      const { totalPages } = await (db as unknown as BetterSqlite3.Database).backup(
        file,
        ...((options === undefined ? [] : [options]) as []),
      );
      return totalPages;
    },
  },
  "node:sqlite": {
    open: (path) => new sqlite.DatabaseSync(path) as unknown as Db,
    backup: (db, file, options) => (options === undefined ? sqlite.backup(db, file) : sqlite.backup(db, file, options)),
  },
};

const DURATION = "storage.snapshot.duration";
const SIZE = "storage.snapshot.size";
const PAGES = "storage.snapshot.pages";
const REMAINING = "storage.snapshot.remaining";
const LAST_SUCCESS = "storage.snapshot.last_success.timestamp";
const ACTIVE = "storage.snapshot.active";
const OLDEST_AGE = "storage.snapshot.oldest_age";
const ITERATORS = "storage.iterator.active";

let databases = 0;

/** The sum of the sizes that were recorded. */
async function bytesOf(attributes: Record<string, string>): Promise<number> {
  const points = (await collect()).find(({ descriptor }) => descriptor.name === SIZE)?.dataPoints ?? [];
  return points
    .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
    .reduce((sum, { value }) => sum + (value as { sum: number }).sum, 0);
}

for (const [name, binding] of Object.entries(BINDINGS)) {
  /** A database of its own of some 300 pages. */
  const open = (): { db: Db; path: string; folder: string; attributes: { "db.namespace": string } } => {
    const namespace = `snapshot-${databases++}`;
    const folder = temporaryFolder();
    const path = join(folder, `${namespace}.db`);
    const db = binding.open(path);
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
    db.exec(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) " +
        "INSERT INTO kv SELECT i, hex(randomblob(500)) FROM n",
    );
    return { db, path, folder, attributes: { "db.namespace": namespace } };
  };

  const views = async (attributes: Record<string, string>): Promise<readonly [number, number]> => [
    await count(ACTIVE, attributes),
    await count(ITERATORS, attributes),
  ];

  describe(`snapshots of SQLite with ${name}`, () => {
    it("counts each backup, its bytes and its pages", async () => {
      const { db, folder, attributes } = open();
      const files = ["one", "two", "three"].map((file) => join(folder, `${file}.db`));
      const pages: number[] = [];
      for (const file of files) pages.push(await binding.backup(db, file));
      const backups = { ...attributes, "storage.snapshot.type": "backup" };
      expect(await count(DURATION, backups)).to.equal(3);
      expect(await count(DURATION, attributes)).to.equal(3);
      expect(await count(SIZE, backups)).to.equal(3);
      expect(await bytesOf(backups)).to.equal(files.reduce((sum, file) => sum + statSync(file).size, 0));
      expect(await count(PAGES, backups)).to.equal(pages.reduce((sum, each) => sum + each, 0));
      expect(await count(LAST_SUCCESS, backups)).to.be.closeTo(Date.now() / 1000, 10);
      const copy = binding.open(files[2]!);
      expect(copy.prepare("SELECT count(*) AS n FROM kv").get()).to.deep.include({ n: 1000 });
      copy.close();
      db.close();
    });

    it("reports the remaining pages of a backup, and does not change its progress callback", async () => {
      const { db, folder, attributes } = open();
      const told: number[] = [];
      const seen: Promise<number>[] = [];
      const progress = ({ remainingPages }: State): undefined => {
        told.push(remainingPages);
        seen.push(count(REMAINING, attributes));
      };
      const pages = await binding.backup(db, join(folder, "copy.db"), { progress });
      expect(told).to.have.length.greaterThan(1);
      expect(Math.max(...told)).to.be.within(pages - 100, pages);
      expect(await Promise.all(seen)).to.deep.equal(told);
      expect(await count(REMAINING, attributes)).to.equal(0);

      const quiet = binding.backup(db, join(folder, "quiet.db"));
      const middle = new Promise<number>((resolve) => {
        const look = async (): Promise<void> => {
          const remaining = await count(REMAINING, attributes);
          if (remaining > 0) resolve(remaining);
          else setImmediate(() => void look());
        };
        void look();
      });
      expect(await middle).to.be.within(1, pages);
      await quiet;
      expect(await count(REMAINING, attributes)).to.equal(0);
      db.close();
    });

    it("counts a backup that failed, with the type of its error", async () => {
      const { db, folder, attributes } = open();
      const thrown = new RangeError("mine");
      const failing = {
        progress: () => {
          throw thrown;
        },
      };
      const errors = [
        await binding.backup(db, join(folder, "nowhere", "copy.db")).catch((error: unknown) => error),
        await binding.backup(db, join(folder, "copy.db"), failing).catch((error: unknown) => error),
      ];
      expect(errors[0]).to.be.instanceOf(Error);
      expect(errors[1]).to.equal(thrown);
      expect(await count(DURATION, attributes)).to.equal(2);
      expect(await count(DURATION, { ...attributes, "error.type": "RangeError" })).to.equal(1);
      const missing = name === "node:sqlite" ? "SQLITE_CANTOPEN" : "TypeError";
      expect(await count(DURATION, { ...attributes, "error.type": missing })).to.equal(1);
      expect(await count(REMAINING, attributes)).to.equal(0);
      expect((await seriesWith(attributes)).map(({ metric }) => metric)).not.to.include.members([SIZE, LAST_SUCCESS]);
      db.close();
    });

    it("creates the span of a backup in the context in which it began", async () => {
      const { db, folder, attributes } = open();
      const file = join(folder, "copy.db");
      let pages = 0;
      const spans = withoutStatements(
        await spansDuring(async () => {
          const backup = binding.backup(db, file);
          db.exec("BEGIN");
          pages = await backup;
          db.exec("COMMIT");
        }),
      );
      const namespace = attributes["db.namespace"];
      const names = spans.map((span) => span.name);
      expect(names).to.deep.equal([`snapshot ${namespace}`, `transaction ${namespace}`, "request"]);
      expect(spans[0]!.parentSpanContext?.spanId).to.equal(spans[2]!.spanContext().spanId);
      expect(spans[0]!.attributes).to.deep.equal({
        "db.system.name": "sqlite",
        "db.namespace": namespace,
        "storage.snapshot.type": "backup",
        "storage.snapshot.page_count": pages,
        "storage.snapshot.byte_count": statSync(file).size,
      });
      db.close();
    });

    it("counts each copy to memory, as an operation too, and its bytes", async () => {
      const { db, attributes } = open();
      const spans = withoutStatements(spansOf(() => db.serialize()));
      const image = db.serialize();
      expect(() => db.serialize(42)).to.throw();
      const copies = { ...attributes, "storage.snapshot.type": "serialize" };
      expect(await count(DURATION, copies)).to.equal(name === "node:sqlite" ? 2 : 3);
      expect(await bytesOf(copies)).to.equal(2 * image.byteLength);
      const operations = { ...attributes, "db.operation.name": "SERIALIZE" };
      expect(await count("db.client.operation.duration", operations)).to.equal(await count(DURATION, copies));
      expect(spans.map((span) => span.name)).to.deep.equal([`snapshot ${attributes["db.namespace"]}`, "request"]);
      expect(spans[0]!.attributes).to.include({ "storage.snapshot.byte_count": image.byteLength });
      db.close();
    });

    it("counts each VACUUM INTO, with its bytes if it names the file, and does not emit the path", async () => {
      const { db, folder, attributes } = open();
      const [first, second] = ["s3cret's one.db", "s3cret two.db"].map((file) => join(folder, file)) as [
        string,
        string,
      ];
      const spans = withoutStatements(
        spansOf(() => {
          db.exec(`VACUUM INTO '${first.replaceAll("'", "''")}'`);
          db.prepare("VACUUM main INTO ?").run(second);
          expect(() => db.exec(`VACUUM INTO '${first.replaceAll("'", "''")}'`)).to.throw("already exists");
        }),
      );
      const copies = { ...attributes, "storage.snapshot.type": "vacuum_into" };
      expect(await count(DURATION, copies)).to.equal(3);
      expect(await count(DURATION, { ...copies, "error.type": "SQLITE_ERROR" })).to.equal(1);
      expect(await count(SIZE, copies)).to.equal(1);
      expect(await bytesOf(copies)).to.equal(statSync(first).size);
      expect(await count("storage.compaction.duration", attributes)).to.equal(0);
      const namespace = attributes["db.namespace"];
      expect(spans.map((span) => span.name)).to.deep.equal([
        ...Array<string>(3).fill(`snapshot ${namespace}`),
        "request",
      ]);
      const told = [spans.map(({ name: title, attributes: all, events, status }) => [title, all, events, status])];
      expect(JSON.stringify([told, await seriesWith(attributes)])).not.to.match(/s3cret|\/tmp/);
      db.close();
    });

    it("counts the iterations that have not ended, and the connections that hold a view open", async () => {
      const { db, path, attributes } = open();
      expect(await views(attributes)).to.deep.equal([0, 0]);
      const [first, second] = [1, 2].map(() => db.prepare("SELECT k FROM kv").iterate()) as [
        Iterator<unknown>,
        Iterator<unknown>,
      ];
      expect(await views(attributes)).to.deep.equal([0, 2]);
      first.next();
      second.next();
      expect(await views(attributes)).to.deep.equal([1, 2]);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await count(OLDEST_AGE, attributes)).to.be.within(0.05, 5);
      first.return!();
      expect(await views(attributes)).to.deep.equal([1, 1]);
      const other = binding.open(path);
      other.exec("BEGIN");
      expect(await views(attributes)).to.deep.equal([1, 1]);
      other.prepare("SELECT count(*) FROM kv").get();
      expect(await views(attributes)).to.deep.equal([2, 1]);
      second.return!();
      expect(await views(attributes)).to.deep.equal([1, 0]);
      other.exec("COMMIT");
      expect(await views(attributes)).to.deep.equal([0, 0]);
      expect(await count(OLDEST_AGE, attributes)).to.equal(0);
      other.exec("BEGIN IMMEDIATE");
      expect(await views(attributes)).to.deep.equal([1, 0]);
      other.close();
      expect(await views(attributes)).to.deep.equal([0, 0]);
      db.close();
    });

    it("ignores copies that are not snapshots of the main database", async () => {
      const { db, folder, attributes } = open();
      db.exec(`ATTACH '${join(folder, "other.db")}' AS other; CREATE TABLE other.t (a)`);
      db.exec(`VACUUM other INTO '${join(folder, "copy.db")}'`);
      db.serialize(name === "node:sqlite" ? "other" : { attached: "other" });
      const options = name === "node:sqlite" ? { source: "other" } : { attached: "other" };
      await binding.backup(db, join(folder, "backup.db"), options as Options);
      expect(await count(DURATION, attributes)).to.equal(0);
      db.close();
    });
  });
}

describe("snapshots of SQLite", () => {
  it("reports the size of a backup to a URL", async () => {
    const db = new sqlite.DatabaseSync(":memory:");
    db.exec("CREATE TABLE t (a)");
    const file = join(temporaryFolder(), "copy.db");
    const before = await bytesOf({ "db.namespace": "memory", "storage.snapshot.type": "backup" });
    await sqlite.backup(db, pathToFileURL(file));
    const after = await bytesOf({ "db.namespace": "memory", "storage.snapshot.type": "backup" });
    expect(after - before).to.equal(statSync(file).size);
    db.close();
  });

  it("emits only telemetry of the registry", async () => {
    expect(unregistered(await collect())).to.deep.equal([]);
  });
});
