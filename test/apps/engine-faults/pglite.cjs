// Scenarios of PGlite, on one database: to open one takes a second.
"use strict";
const { AsyncLocalStorage } = require("node:async_hooks");
const { openAsBlob } = require("node:fs");
const { PGlite, protocol } = require("@electric-sql/pglite");
const { fresh, main, methods, say, tell } = require("./lib.cjs");

const opened = (async () =>
  PGlite.create(fresh("database"), { loadDataDir: await openAsBlob(process.env.FAULTS_DUMP) }))();

const scenarios = {
  async objects() {
    const db = await opened;
    await tell("keys", () => Reflect.ownKeys(db).map(String).join());
    for (const object of [PGlite, PGlite.prototype, Object.getPrototypeOf(PGlite.prototype), protocol.serialize])
      await tell("methods", () => methods(object).join("\n"));
    await db.transaction(async (tx) => {
      await tell("transaction", () => tx);
    });
  },

  async errors() {
    const db = await opened;
    Error.stackTraceLimit = 50;
    for (const text of ["SELEC 1", "SELECT 1 / 0", "SELECT * FROM nowhere", ""]) {
      await tell(`query ${text}`, () => db.query(text));
      await tell(`exec ${text}`, () => db.exec(text));
      await tell(`transaction ${text}`, () => db.transaction((tx) => tx.query(text)));
    }
    for (const thrown of [new RangeError("mine"), null, undefined, Object.freeze(new Error("frozen"))])
      await tell("thrown", () =>
        db.transaction(async () => {
          throw thrown;
        }),
      );
    await tell("parameter", () =>
      db.query("SELECT $1::text", [
        {
          toString() {
            throw new TypeError("mine");
          },
        },
      ]),
    );
    await tell("large memory", async () => (await db.query("SELECT length(repeat('x', 200000000)) AS n")).rows);
    await tell("after it", async () => (await db.query("SELECT 1 AS one")).rows);
  },

  async contexts() {
    const db = await opened;
    const storage = new AsyncLocalStorage();
    const seen = [];
    await Promise.all(
      ["a", "b", "c"].map((name) =>
        storage.run(name, async () => {
          await db.query("SELECT 1");
          seen.push(`query ${storage.getStore()}`);
          await db.transaction(async (tx) => {
            await tx.query("SELECT 1");
            seen.push(`transaction ${storage.getStore()}`);
          });
          await db.listen(`news_${name}`, (text) => seen.push(`heard ${text}`));
          await db.exec(`NOTIFY news_${name}, '${name}'`);
        }),
      ),
    );
    await tell("contexts", () => seen.join());
  },

  async unhandled() {
    const db = await opened;
    const errors = [];
    process.on("unhandledRejection", (error, promise) => errors.push(`${error.message} ${promise instanceof Promise}`));
    void db.query("SELEC 1");
    void db.transaction((tx) => tx.exec("SELECT 1 / 0"));
    void PGlite.create("/stratascope-has-no-such-folder/x");
    await new Promise((resolve) => setTimeout(resolve, 100));
    await db.query("SELECT 1");
    await new Promise((resolve) => setTimeout(resolve, 100));
    say(errors.toSorted((a, b) => (a < b ? -1 : 1)).join("\n"));
  },

  async closing() {
    const db = await opened;
    const calls = [db.query("SELECT 1"), db.exec("BEGIN"), db.close(), db.query("SELECT 2"), db.close()];
    await tell("closing", async () => (await Promise.allSettled(calls)).map(({ status }) => status).join());
    await tell("closed", () => db.query("SELECT 3"));
    await tell("dump", () => db.dumpDataDir());
  },
};

void main(scenarios);
