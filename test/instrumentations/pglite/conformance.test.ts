import { join } from "node:path";
import type * as Package from "@electric-sql/pglite";
import type { PGlite, Transaction } from "@electric-sql/pglite";
import { afterEach, describe } from "mocha";
import { pglite } from "../../../instrumentations/pglite/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { emptyDump } from "../../helpers/pglite.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Package;

/** The database of each copy: to open one takes a second, and 200 MB. */
const databases = new Map<Module, Promise<PGlite>>();

async function databaseOf(module: Module): Promise<PGlite> {
  let opening = databases.get(module);
  if (opening === undefined) {
    opening = emptyDump().then((loadDataDir) => module.PGlite.create({ loadDataDir }));
    databases.set(module, opening);
  }
  return opening;
}

/** An exercise on a table with three records. */
const on =
  (code: (db: PGlite) => unknown) =>
  async (module: Module): Promise<unknown> => {
    const db = await databaseOf(module);
    await db.exec(`
      DROP TABLE IF EXISTS kv;
      CREATE TABLE kv (k TEXT PRIMARY KEY, v INT);
      INSERT INTO kv VALUES ('a', 1), ('b', 2), ('c', 3)`);
    return code(db);
  };

/** An exercise on a transaction. */
const inside = (code: (tx: Transaction, db: PGlite) => Promise<unknown>): ((module: Module) => Promise<unknown>) =>
  on(async (db) => {
    const result = await Promise.allSettled([db.transaction((tx) => code(tx, db))]);
    return [result, db.ready, (await db.query("SELECT * FROM kv ORDER BY k")).rows];
  });

const FOLDERS = new Map<string, string>();

/** The folder of a database of a name, which is the same for all that have it. */
function folderOf(name: string): string {
  const folder = FOLDERS.get(name) ?? join(temporaryFolder(), name);
  FOLDERS.set(name, folder);
  return folder;
}

describe("pglite", () => {
  afterEach(async () => {
    for (const opening of databases.values()) await (await opening).close();
    databases.clear();
  });

  testEngine<Module>(pglite, {
    observedObjects({ PGlite: { prototype } }) {
      return [prototype, Object.getPrototypeOf(prototype) as object];
    },
    async throwing(module, error) {
      const db = await databaseOf(module);
      await db.transaction(async () => {
        throw error;
      });
    },
    async perform({ PGlite: constructor }, name, operations) {
      const isNew = !FOLDERS.has(name);
      const dataDir = folderOf(name);
      const db = await constructor.create({ dataDir, ...(isNew ? { loadDataDir: await emptyDump() } : {}) });
      for (let i = 0; i < operations; i++) await db.query("SELECT $1::int", [i]);
      await db.close();
    },
    exercises: {
      query: on((db) => db.query("SELECT * FROM kv WHERE k = $1", ["a"])),
      "query of rows as arrays": on((db) => db.query("SELECT * FROM kv", [], { rowMode: "array" })),
      "query that writes": on((db) => db.query("UPDATE kv SET v = v + 1 RETURNING v")),
      sql: on((db) => db.sql`SELECT v FROM kv WHERE k = ${"b"}`),
      exec: on((db) => db.exec("SELECT 1; INSERT INTO kv VALUES ('d', 4); SELECT count(*) FROM kv")),
      "exec of nothing": on((db) => db.exec("  -- nothing\n ; ")),
      describeQuery: on(async (db) => Object.keys(await db.describeQuery("SELECT $1::int AS n"))),
      "a syntax error": on((db) => db.query("SELEC 1")),
      "a syntax error in a description": on((db) => db.describeQuery("SELEC 1")),
      "a violated constraint": on((db) => db.query("INSERT INTO kv VALUES ($1, 1)", ["a"])),
      "a parameter that is missing": on((db) => db.query("SELECT $1::int")),
      "a text that is none": on((db) => db.query(undefined as never)),
      "calls that wait for each other": on((db) =>
        Promise.all(["a", "b", "z"].map((k) => db.query("SELECT v FROM kv WHERE k = $1", [k]))),
      ),
      transaction: inside(async (tx) => [await tx.query("DELETE FROM kv"), await tx.exec("SELECT 1"), tx.closed]),
      "transaction, given up": inside(async (tx) => {
        await tx.sql`DELETE FROM kv WHERE k = ${"a"}`;
        await tx.rollback();
        return tx.closed;
      }),
      "transaction in which a statement failed": inside(async (tx) => {
        await tx.query("SELECT 1 / 0").catch(() => {});
        return tx.query("SELECT 1").catch((error: Error) => error.message);
      }),
      "transaction whose callback fails": inside(async (tx) => {
        await tx.query("DELETE FROM kv");
        throw new RangeError("mine");
      }),
      "BEGIN and ROLLBACK": on(async (db) => {
        await db.exec("BEGIN ISOLATION LEVEL SERIALIZABLE");
        await db.query("DELETE FROM kv");
        await db.exec("SAVEPOINT s; INSERT INTO kv VALUES ('x', 0)");
        await db.exec("ROLLBACK TO s; ROLLBACK");
        return (await db.query("SELECT count(*)::int AS n FROM kv")).rows;
      }),
      listen: on(async (db) => {
        const heard: string[] = [];
        const unlisten = await db.listen("news", (text) => heard.push(text));
        await db.query("SELECT pg_notify('news', 'hello')");
        await unlisten();
        await db.exec("NOTIFY news, 'unheard'");
        return heard;
      }),
      runExclusive: on((db) =>
        db.runExclusive(async () => {
          const { messages } = await db.execProtocol(await message(db, "SELECT 1 AS one"));
          return messages.map(({ name }) => name);
        }),
      ),
      execProtocolRaw: on(async (db) => [...(await db.execProtocolRaw(await message(db, "SELECT k FROM kv")))]),
      "execProtocolRaw with an error": on(async (db) => (await db.execProtocolRaw(await message(db, "SELEC"))).length),
      "execProtocolStream with an error": on(async (db) => db.execProtocolStream(await message(db, "SELEC"))),
      execProtocolRawStream: on(async (db) => {
        const parts: number[] = [];
        await db.execProtocolRawStream(await message(db, "SELECT 1"), { onRawData: (data) => parts.push(...data) });
        return parts;
      }),
      "COPY of a file": on(async (db) => {
        const { blob } = await db.query("COPY kv TO '/dev/blob'").then((result) => result as { blob?: Blob });
        await db.query("TRUNCATE kv");
        await db.query("COPY kv FROM '/dev/blob'", [], { blob: blob! });
        return [await blob!.text(), (await db.query("SELECT * FROM kv")).rows];
      }),
      "VACUUM, ANALYZE, REINDEX, CHECKPOINT": on(async (db) => {
        for (const text of ["VACUUM FULL kv", "ANALYZE kv", "REINDEX TABLE kv", "CHECKPOINT"]) await db.exec(text);
        return db.query("SELECT * FROM kv");
      }),
      "properties of a database": on((db) => Object.keys(db)),
      "a folder that is no database": async (module) => {
        await module.PGlite.create({ dataDir: "/stratascope-has-no-such-folder/pglite" });
      },
      "use after the end": async (module) => {
        const db = await module.PGlite.create({ loadDataDir: await emptyDump() });
        const last = db.query("SELECT 1 AS last");
        const results = await Promise.allSettled([last, db.close(), db.query("SELECT 2"), db.close()]);
        return [results.map(({ status }) => status), db.closed, await db.query("SELECT 3")];
      },
    },
  });
});

/** Returns the message by which a text is run. */
async function message(_: PGlite, text: string): Promise<Uint8Array> {
  const { protocol } = await import("@electric-sql/pglite");
  return protocol.serialize.query(text);
}
