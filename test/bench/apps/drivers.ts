import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Work } from "./work.ts";

type Driver = typeof import("better-sqlite3");

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "stratascope-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The driver as the variant observes it. */
const observedDriver = (): Driver => require("better-sqlite3") as Driver;

/** The driver from a folder that is no `node_modules`, with native code of its own: no hook knows it. */
function unobservedDriver(): Driver {
  const copy = join(folder, "driver");
  cpSync(dirname(require.resolve("better-sqlite3/package.json")), copy, {
    recursive: true,
    filter: (path) => !/\/(deps|src)$/.test(path),
  });
  return require(copy) as Driver;
}

function chunkOf(Database: Driver, file: string, { prepare, chunk }: Work): () => void {
  const work = prepare(new Database(join(folder, file)));
  // A function of its own for each driver, so that the compiler treats neither as the other.
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is the one below
  return new Function("work", "chunk", "return () => { for (let i = 0; i < chunk; i++) work(); }")(
    work,
    chunk,
  ) as () => void;
}

/** A chunk of the same work by each of the two drivers. */
export const chunks = (work: Work): { readonly bare: () => void; readonly observed: () => void } => ({
  bare: chunkOf(unobservedDriver(), "bare.db", work),
  observed: chunkOf(observedDriver(), "observed.db", work),
});
