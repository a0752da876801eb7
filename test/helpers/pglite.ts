import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, openAsBlob, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Package from "@electric-sql/pglite";
import { CACHE } from "../../collector-config/stack/cache.ts";

const require = createRequire(import.meta.url);
const MANIFEST = join(import.meta.dirname, "../../node_modules/@electric-sql/pglite/package.json");

/**
 * Returns the file with the dump of an empty database, from which one is open in a second. To make the first one takes ten
 * times as long, so that it is kept between runs.
 */
export async function emptyDumpFile(): Promise<string> {
  const { version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { readonly version: string };
  const file = join(CACHE, "pglite", `${version}.tar`);
  if (existsSync(file)) return file;
  const { PGlite } = require("@electric-sql/pglite") as typeof Package;
  const db = await PGlite.create();
  const dump = await db.dumpDataDir("none");
  await db.close();
  mkdirSync(join(CACHE, "pglite"), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, await dump.bytes());
  renameSync(unfinished, file);
  return file;
}

/** Returns the dump of an empty database. */
export const emptyDump = async (): Promise<Blob> => openAsBlob(await emptyDumpFile());
