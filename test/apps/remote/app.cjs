// Evaluates the code that test/helpers/remote-app.ts sends, one line for each piece, and prints the results. Its argument is
// the SQLite binding that `open` uses.
const { createServer } = require("node:net");
const { createInterface } = require("node:readline");
const { setTimeout: sleep } = require("node:timers/promises");
const api = require("stratascope");

const binding = process.argv[2];
const open = (file, timeout = 0) =>
  binding === "better-sqlite3"
    ? new (require("better-sqlite3"))(file, { timeout })
    : new (require("node:sqlite").DatabaseSync)(file, { timeout });

/** Names available to the code; `kept` holds values for later pieces. */
const names = { open, api, sleep, kept: {}, require };
const AsyncFunction = (async () => {}).constructor;
const run = (code) => new AsyncFunction(...Object.keys(names), code)(...Object.values(names));

const lines = createInterface({ input: process.stdin });
lines.on("line", async (line) => {
  const { id, code } = JSON.parse(line);
  const result = await run(code).catch((error) => `threw ${error.message}`);
  console.log(`result ${id} ${JSON.stringify(result) ?? "null"}`);
});
// A process with a server starts the listener.
const server = createServer().listen(0, "127.0.0.1");
lines.on("close", () => server.close());
console.log("ready");
