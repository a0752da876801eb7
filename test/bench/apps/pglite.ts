/**
 * Measures what observing PGlite costs a query, by the medians of single queries that alternate between two databases, one
 * of which is observed: `node test/bench/apps/pglite.ts [QUERIES]`. With `--bare` neither is, which shows how exact that is.
 */
import type * as Package from "@electric-sql/pglite";
import { copyOf, spansDuring } from "../../helpers/observed.ts";
import { emptyDump } from "../../helpers/pglite.ts";
import { median } from "../harness/median.ts";

type Database = Package.PGlite;
type Work = (db: Database, i: number) => Promise<unknown>;

const QUERIES = Number(process.argv.slice(2).find((each) => /^\d+$/.test(each)) ?? 4_000);
const isBare = process.argv.includes("--bare");

async function open(isObserved: boolean): Promise<Database> {
  const { PGlite } = copyOf<typeof Package>("@electric-sql/pglite", isObserved);
  const db = await PGlite.create({ loadDataDir: await emptyDump() });
  await db.exec(
    "CREATE TABLE kv (k INT PRIMARY KEY, v TEXT); INSERT INTO kv SELECT n, 'x' FROM generate_series(1, 1000) n",
  );
  return db;
}

const WORK: Readonly<Record<string, Work>> = {
  "SELECT by key": (db, i) => db.query("SELECT v FROM kv WHERE k = $1", [i % 1_000]),
  "UPDATE by key": (db, i) => db.query("UPDATE kv SET v = $2 WHERE k = $1", [i % 1_000, "y"]),
  "transaction of both": (db, i) =>
    db.transaction(async (tx) => {
      await tx.query("SELECT v FROM kv WHERE k = $1", [i % 1_000]);
      await tx.query("UPDATE kv SET v = $2 WHERE k = $1", [i % 1_000, "z"]);
    }),
};

const databases = [await open(false), await open(!isBare)];

async function compare(title: string, work: Work): Promise<void> {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < QUERIES; i++)
    for (const which of i % 2 === 0 ? [0, 1] : [1, 0]) {
      const start = performance.now();
      await work(databases[which]!, i);
      times[which]!.push((performance.now() - start) * 1_000);
    }
  const [bare, observed] = times.map((all) => median(all.slice(QUERIES / 10)));
  console.log(
    `${title}: ${bare!.toFixed(1)} µs bare, ${observed!.toFixed(1)} µs observed, ${(observed! / bare!).toFixed(3)}`,
  );
}

for (const [title, work] of Object.entries(WORK)) await compare(title, work);
for (const [title, work] of Object.entries(WORK))
  await spansDuring(() => compare(`${title}, in a recorded span`, work));
await Promise.all(databases.map((db) => db.close()));
