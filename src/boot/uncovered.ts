import { readFileSync } from "node:fs";
import { instrumentationStatus } from "../instrument/instrumentation-status.ts";
import { warnOnce } from "../runtime/self-log.ts";

/** Known engines that are not supported, by the packages that are loaded with them. */
const UNCOVERED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sqlite3: ["@louislam/sqlite3", "@vscode/sqlite3", "@journeyapps/sqlcipher"],
    "better-sqlite3-multiple-ciphers": ["better-sqlite3-multiple-ciphers"],
    "@rocicorp/zero-sqlite3": ["@rocicorp/zero-sqlite3"],
    "sql.js": ["sql.js"],
    "node-sqlite3-wasm": ["node-sqlite3-wasm"],
    "@sqlite.org/sqlite-wasm": ["@sqlite.org/sqlite-wasm"],
    leveldown: ["leveldown"],
    rocksdb: ["rocksdb"],
    "node-lmdb": ["node-lmdb"],
    "node-duckdb": ["duckdb", "duckdb-async"],
    kuzu: ["kuzu"],
    lancedb: ["@lancedb/lancedb", "vectordb"],
    realm: ["realm"],
  }).flatMap(([engine, packages]) => packages.map((name) => [name, engine] as const)),
);

/** Returns the package of a file: `@lancedb/lancedb/dist/index.js` → `@lancedb/lancedb`. */
const packageOf = (file: string): string => file.split("/", file.startsWith("@") ? 2 : 1).join("/");

/** Engines that are not reported. */
let silenced: readonly string[] = [];

/** Suppresses the report of engines that are disabled by the configuration. */
export function silence(engines: readonly string[]): void {
  silenced = engines;
}

/**
 * Reports an unsupported engine that was loaded, once.
 * @param path the file that was loaded
 * @param file its path in `node_modules`
 */
export function warnUncovered(path: string, file: string): void {
  const name = packageOf(file);
  const engine = UNCOVERED.get(name);
  if (engine === undefined || silenced.includes(engine)) return;
  const record = instrumentationStatus(engine);
  if (record.reason !== undefined) return;
  record.reason = "stratascope does not cover it";
  record.version = versionIn(path.slice(0, path.lastIndexOf("node_modules") + "node_modules/".length + name.length));
  warnOnce(
    `[${engine}] is loaded and not observed: stratascope does not cover it; STRATASCOPE_DISABLED_ENGINES=${engine} silences this`,
  );
}

function versionIn(folder: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { version?: string };
    return version;
  } catch {
    return undefined;
  }
}
