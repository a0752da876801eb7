// Says whatever an application can see of its snapshots: results, errors, promises, and who hears of a rejection.
import { setTimeout as wait } from "node:timers/promises";

/** Where `backup` is defined, and how it is called, with the binding that is the argument. */
async function openDatabase() {
  if (process.argv[2] === "better-sqlite3") {
    const { default: Database } = await import("better-sqlite3");
    const db = new Database("app.db");
    return { db, owner: Database.prototype, backup: (...args) => db.backup(...args) };
  }
  const sqlite = await import("node:sqlite");
  const db = new sqlite.DatabaseSync("app.db");
  return { db, owner: sqlite, backup: sqlite.backup && ((...args) => sqlite.backup(db, ...args)) };
}

const say = (...words) => console.log(JSON.stringify(words));

/** The rejections without a listener so far, and the names of the promises that are left without one. */
const unhandled = [];
const left = new Map();
const until = async (times) => {
  while (unhandled.length < times) await wait(5);
};
process.on("unhandledRejection", (error, promise) => {
  unhandled.push(promise);
  say("unhandled", left.get(promise), error.name, error.code, error.message);
});
process.on("rejectionHandled", (promise) => say("handled late", left.get(promise)));
process.on("warning", (warning) => say("warning", warning.name));

const { db, owner, backup } = await openDatabase();
db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
db.exec(
  "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO kv SELECT i, hex(randomblob(500)) FROM n",
);
db.exec("VACUUM INTO 'vacuum.db'");
if (db.serialize) say(db.serialize.name, db.serialize.length, db.serialize().constructor.name, db.serialize().length);

async function succeed() {
  const { name, length } = owner.backup;
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(owner, "backup") ?? {};
  say(name, length, [writable, enumerable, configurable]);
  const good = backup("one.db");
  say(good instanceof Promise, good.constructor === Promise, Object.keys(good).length, await good);

  const states = [];
  const options = {
    get rate() {
      return 50;
    },
    progress(...args) {
      states.push([this === undefined || this === null, args]);
    },
  };
  say(await backup("two.db", options), states, Object.keys(options));
}

async function fail() {
  const thrown = new RangeError("mine");
  const throwing = {
    progress() {
      throw thrown;
    },
  };
  await backup("three.db", throwing).catch((error) => say("caught", error === thrown));
  const caught = await backup("nowhere/four.db").catch((error) => error);
  say(caught instanceof Error, caught.name, caught.code, caught.errcode, caught.message);

  const odd = [
    [],
    [42],
    ["five.db", null],
    ["five.db", 42],
    ["five.db", { progress: 42 }],
    ["five.db", { progress: null }],
    ["five.db", undefined],
  ];
  for (const args of odd) {
    try {
      const settled = backup(...args).then(
        (value) => typeof value,
        ({ name, code, message }) => [name, code, message],
      );
      say("promised", args.length, await settled);
    } catch ({ name, code, message }) {
      say("thrown", args.length, name, code, message);
    }
  }
}

async function leaveUnhandled() {
  // Without a listener, each is an event once, with the promise the application has.
  for (const title of ["left", "left too"]) {
    left.set(backup(`nowhere/${title}.db`), title);
    await until(left.size);
  }
  // With a listener, but late.
  const late = backup("nowhere/late.db");
  left.set(late, "late");
  await until(3);
  await late.catch(() => {});
  // Without a listener of the promise made from it.
  const derived = backup("nowhere/derived.db").finally(() => {});
  left.set(derived, "derived");
  await until(4);
  // With one in time.
  await backup("nowhere/handled.db").catch(() => {});
  await wait(50);
}

if (backup) {
  await succeed();
  await fail();
  await leaveUnhandled();
}
db.close();
