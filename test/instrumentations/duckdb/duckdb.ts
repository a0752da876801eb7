import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Package from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterEach } from "mocha";
import { seriesWith } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

export const duckdb = createRequire(import.meta.url)("@duckdb/node-api") as typeof Package;

/** Database that a test has opened. */
export interface Opened {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly path: string;
  readonly namespace: string;
}

const opened: Opened[] = [];
let count = 0;

afterEach(() => {
  for (const { instance, connection } of opened.splice(0)) {
    connection.closeSync();
    instance.closeSync();
  }
});

/** Opens a database in a file of its own, until the end of the test. */
export async function open(options?: Record<string, string>): Promise<Opened> {
  const namespace = `duck_${process.pid}_${++count}`;
  const path = join(temporaryFolder(), `${namespace}.duckdb`);
  const instance = await duckdb.DuckDBInstance.create(path, options);
  const connection = await instance.connect();
  const all = { instance, connection, path, namespace };
  opened.push(all);
  return all;
}

/** Returns the values of a metric of a database, by the attributes of the series but those of the database. */
export async function valuesOf(
  namespace: string,
  metric: string,
  ...labels: string[]
): Promise<Record<string, number>> {
  const series = (await seriesWith({ "db.namespace": namespace })).filter((each) => each.metric === metric);
  const values: Record<string, number> = {};
  for (const { attributes, value } of series) {
    const key = labels.map((label) => attributes[label] ?? "").join(" ");
    if (value !== 0) values[key] = (values[key] ?? 0) + value;
  }
  return values;
}

/** Returns the number of runs by summary, and by `error.type` of those that failed. */
export const runsOf = (namespace: string): Promise<Record<string, number>> =>
  valuesOf(namespace, "db.client.operation.duration", "db.query.summary", "error.type").then((values) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key.trim(), value])),
  );

/** Returns the number of transactions by mode and outcome. */
export const transactionsOf = (namespace: string): Promise<Record<string, number>> =>
  valuesOf(namespace, "storage.transaction.duration", "storage.transaction.mode", "storage.transaction.outcome");

/** Ignores the error of what the application does on purpose. */
export const failing = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
