/** How an application loads its modules. */
export type ModuleKind = "cjs" | "mjs" | "ts";

const IMPORTS: Readonly<Record<ModuleKind, string>> = {
  cjs: `const Database = require("better-sqlite3"); const http = require("node:http"); const { join } = require("node:path");`,
  mjs: `import Database from "better-sqlite3"; import http from "node:http"; import { join } from "node:path";`,
  ts: `import Database from "better-sqlite3"; import http, { type RequestListener } from "node:http"; import { join } from "node:path";`,
};

/**
 * A small service over a dictionary: fills it, serves three requests to itself, reports that it is done, and ends
 * when its standard input does. What it does is fixed, so every count of its telemetry is known: see `COUNTS`.
 */
export const workload = (kind: ModuleKind): string => `${IMPORTS[kind]}
class Dictionary extends Database {
  constructor(file${kind === "ts" ? ": string" : ""}) { super(file); this.pragma("journal_mode = WAL"); }
}
const db = new Dictionary(join(process.cwd(), "dictionary-" + process.pid + ".db"));
db.exec("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE, gloss TEXT); CREATE TABLE edits (word TEXT, at INTEGER)");
const insert = db.prepare("INSERT INTO words (word, gloss) VALUES (?, ?)");
const get = db.prepare("SELECT gloss FROM words WHERE word = ?");
const list = db.prepare("SELECT word FROM words ORDER BY word LIMIT 20");
const update = db.prepare("UPDATE words SET gloss = ? WHERE word = ?");
const log = db.prepare("INSERT INTO edits VALUES (?, 0)");
const fill = db.transaction((n${kind === "ts" ? ": number" : ""}) => { for (let i = 0; i < n; i++) insert.run("word" + i, "gloss " + i); });
const edit = db.transaction((word${kind === "ts" ? ": string" : ""}) => { update.run("edited", word); log.run(word); });
const routes${kind === "ts" ? ": Record<string, () => unknown>" : ""} = {
  "/lookup": () => { for (let i = 0; i < 50; i++) get.get("word" + i); return Array.from(list.iterate()).length; },
  "/edit": () => edit.immediate("word7"),
  "/duplicate": () => { try { insert.run("word1", "again"); } catch (error${kind === "ts" ? ": any" : ""}) { return error.code; } },
};
const listener${kind === "ts" ? ": RequestListener" : ""} = (request, response) => {
  response.end(JSON.stringify(routes[request.url${kind === "ts" ? "!" : ""}]${kind === "ts" ? "!" : ""}()) ?? "");
};
fill(100);
db.pragma("wal_checkpoint(PASSIVE)");
const server = http.createServer(listener).listen(0, "127.0.0.1", () => {
  const { port } = server.address()${kind === "ts" ? " as { port: number }" : ""};
  const ask = (path${kind === "ts" ? ": string" : ""}) => new Promise((resolve) => {
    http.get({ port, host: "127.0.0.1", path, agent: false }, (response) => response.resume().on("end", resolve));
  });
  ask("/lookup").then(() => ask("/edit")).then(() => ask("/duplicate")).then(() => {
    server.close();
    console.log("done");
    process.stdin.resume().on("end", () => db.close());
  });
});
`;

/** Operations of the workload by summary: runs, and failures among them. */
export const COUNTS: Readonly<Record<string, { readonly runs: number; readonly errors?: number }>> = {
  PREPARE: { runs: 5 },
  "PRAGMA journal_mode": { runs: 1 },
  "PRAGMA wal_checkpoint": { runs: 1 },
  "BATCH CREATE": { runs: 1 },
  "INSERT words": { runs: 101, errors: 1 },
  "SELECT words": { runs: 51 },
  "UPDATE words": { runs: 1 },
  "INSERT edits": { runs: 1 },
  BEGIN: { runs: 1 },
  "BEGIN IMMEDIATE": { runs: 1 },
  COMMIT: { runs: 2 },
};

/** Transactions of the workload, by mode and outcome. The two CREATE and the refused INSERT are transactions of their own. */
export const TRANSACTIONS: Readonly<Record<string, number>> = {
  "deferred commit": 1,
  "immediate commit": 1,
  "autocommit commit": 2,
  "autocommit error": 1,
};
