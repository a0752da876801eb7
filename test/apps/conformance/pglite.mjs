/** PGlite in a folder, by its ES module, with messages of its own for some statements. */
import { join } from "node:path";
import { PGlite, protocol } from "@electric-sql/pglite";

/** @param helper module that has the dump of an empty database */
export async function exercise(folder, helper) {
  const { emptyDump } = await import(helper);
  const db = await PGlite.create(join(folder, "harbour"), { loadDataDir: await emptyDump() });
  await db.exec(`CREATE TABLE boats (id INT PRIMARY KEY, name TEXT); CREATE INDEX by_name ON boats (name)`);

  await db.transaction(async (tx) => {
    await tx.query("INSERT INTO boats VALUES ($1, $2), ($3, $4)", [1, "anchor", 2, "secret-bowline"]);
    await tx.sql`SELECT name FROM boats WHERE name = ${"secret-bowline"}`;
  });
  await db.transaction(async (tx) => {
    await tx.exec("INSERT INTO boats VALUES (3, 'secret-cleat')");
    await tx.rollback();
  });
  await db.exec("BEGIN");
  await db.query("DELETE FROM boats WHERE name = $1", ["nobody"]);
  await db.exec("COMMIT");
  await db
    .transaction(async (tx) => {
      await tx.query("INSERT INTO boats VALUES ($1, 'secret-fender')", [1]);
    })
    .catch(() => {});

  for (const text of [
    "SELECT name FROM boats WHERE name = E'it\\'s FROM secret-tackle'",
    "SELECT $tag$ FROM secret-dollar $tag$ || name FROM public.boats /* /* FROM secret-comment */ */",
    `SELECT name::text AS "name" FROM Boats WHERE id = 2::int -- FROM secret-line`,
  ])
    await db.query(text);
  await db.execProtocolRaw(protocol.serialize.query("SELECT name FROM boats WHERE id = 2"));

  // Both are one search each.
  await db.query("SELECT id FROM boats WHERE to_tsvector('english', name) @@ to_tsquery('english', 'anchor')");
  await db.query("SELECT id FROM boats WHERE to_tsvector('english', name) @@ plainto_tsquery($1)", ["nothing"]);

  await db.exec("CHECKPOINT");
  for (const text of ["VACUUM boats", "REINDEX TABLE boats", "CLUSTER boats USING by_name"]) await db.exec(text);
  await db.dumpDataDir("none");

  await db.query("SELECT count(*) FROM generate_series(1, 4e6)");
  await db.close();
  return {
    system: "postgresql",
    namespace: "harbour",
    operations: {
      "open dump": 1,
      "BATCH CREATE": 1,
      BEGIN: 4,
      "INSERT boats": 3,
      "SELECT boats": 7,
      "DELETE boats": 1,
      COMMIT: 2,
      ROLLBACK: 2,
      CHECKPOINT: 1,
      "VACUUM boats": 1,
      "REINDEX boats": 1,
      "CLUSTER boats": 1,
      SELECT: 1,
    },
    failure: { summary: "INSERT boats", type: "23505" },
    slow: { summary: "SELECT", isAsynchronous: false },
    transactions: { commit: 2, rollback: 1, error: 1 },
    flushes: 0,
    checkpoints: 1,
    snapshots: 1,
    compactions: 3,
    searches: 2,
    results: 1,
    secrets: [
      "secret-bowline",
      "secret-cleat",
      "secret-fender",
      "secret-tackle",
      "secret-dollar",
      "secret-comment",
      "secret-line",
      "anchor",
      folder,
    ],
  };
}
