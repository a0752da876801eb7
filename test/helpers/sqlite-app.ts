/** How an application written by a test opens a database with each binding: `open(file, timeout)`. */
export const BINDINGS: Readonly<Record<string, string>> = {
  "better-sqlite3": `const open = (file, timeout = 0) => new (require("better-sqlite3"))(file, { timeout });`,
  "node-sqlite": `const open = (file, timeout = 0) => new (require("node:sqlite").DatabaseSync)(file, { timeout });`,
};
