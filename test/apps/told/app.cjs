// Runs what test/helpers/told-app.ts sends it, a line for each piece of code, and says what that came to. Databases are opened
// with the binding that is its argument.
const { createServer } = require("node:net");
const { createInterface } = require("node:readline");
const { setTimeout: sleep } = require("node:timers/promises");
const api = require("stratascope");

const binding = process.argv[2];
const open = (file, timeout = 0) =>
  binding === "better-sqlite3"
    ? new (require("better-sqlite3"))(file, { timeout })
    : new (require("node:sqlite").DatabaseSync)(file, { timeout });

/** What code has at hand; `kept` is what pieces of it leave for later ones. */
const names = { open, api, sleep, kept: {}, require };
const AsyncFunction = (async () => {}).constructor;
const run = (code) => new AsyncFunction(...Object.keys(names), code)(...Object.values(names));

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const { id, code } = JSON.parse(line);
  const result = await run(code).catch((error) => `threw ${error.message}`);
  console.log(`told ${id} ${JSON.stringify(result) ?? "null"}`);
});
// What serves something has something to show.
const server = createServer().listen(0, "127.0.0.1");
lines.on("close", () => server.close());
console.log("ready");
