import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { unregisteredMetrics } from "../helpers/registry.ts";

const OPENINGS: Readonly<Record<string, string>> = {
  "better-sqlite3": `import Database from "better-sqlite3";
const db = new Database("app.db");
const owner = Database.prototype;
const backup = (...args) => db.backup(...args);`,
  "node-sqlite": `import * as sqlite from "node:sqlite";
const db = new sqlite.DatabaseSync("app.db");
const owner = sqlite;
const backup = sqlite.backup && ((...args) => sqlite.backup(db, ...args));`,
};

/** Says whatever an application can see of its snapshots: results, errors, promises, and who hears of a rejection. */
const application = (binding: string): string =>
  `${OPENINGS[binding]}
const say = (...words) => console.log(JSON.stringify(words));
let told = 0;
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const until = async (times) => { while (told < times) await wait(5); };
const held = new Map();
process.on("unhandledRejection", (error, promise) => ++told && say("unhandled", held.get(promise), error.name, error.code, error.message));
process.on("rejectionHandled", (promise) => say("handled late", held.get(promise)));
process.on("warning", (warning) => say("warning", warning.name));
db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
db.exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO kv SELECT i, hex(randomblob(500)) FROM n");
db.exec("VACUUM INTO 'vacuum.db'");
if (db.serialize) say(db.serialize.name, db.serialize.length, db.serialize().constructor.name, db.serialize().length);
if (backup) {
  const { name, length } = owner.backup;
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(owner, "backup") ?? {};
  say(name, length, [writable, enumerable, configurable]);
  const good = backup("one.db");
  say(good instanceof Promise, good.constructor === Promise, Object.keys(good).length, await good);

  const states = [];
  const options = { get rate() { return 50; }, progress(...args) { states.push([this === undefined || this === null, args]); } };
  say(await backup("two.db", options), states, Object.keys(options));

  const thrown = new RangeError("mine");
  const throwing = { progress() { throw thrown; } };
  try { await backup("three.db", throwing); } catch (error) { say("caught", error === thrown); }
  const caught = await backup("nowhere/four.db").catch((error) => error);
  say(caught instanceof Error, caught.name, caught.code, caught.errcode, caught.message);

  for (const args of [[], [42], ["five.db", null], ["five.db", 42], ["five.db", { progress: 42 }], ["five.db", { progress: null }], ["five.db", undefined]]) {
    try {
      const promise = backup(...args);
      say("promised", args.length, await promise.then((value) => typeof value, ({ name, code, message }) => [name, code, message]));
    } catch ({ name, code, message }) {
      say("thrown", args.length, name, code, message);
    }
  }

  // Nobody listens: each is told once, with the promise the application holds.
  for (const title of ["left", "left too"]) {
    held.set(backup("nowhere/" + title + ".db"), title);
    await until(held.size);
  }
  // Somebody listens, but late.
  const late = backup("nowhere/late.db");
  held.set(late, "late");
  await until(3);
  await late.catch(() => {});
  // Only a promise made from it is left alone.
  const derived = backup("nowhere/derived.db").finally(() => {});
  held.set(derived, "derived");
  await until(4);
  // What is in time is nobody's business.
  await backup("nowhere/handled.db").catch(() => {});
  await wait(50);
}
db.close();
`;

describe("snapshots", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  const flags = ["--disable-warning=ExperimentalWarning"];

  for (const version of SUPPORTED) {
    for (const binding of Object.keys(OPENINGS)) {
      it(`change nothing for the application, and are all counted, with ${binding} on Node.js ${version}`, async () => {
        receiver.clear();
        const node = nodeOf(version);
        const text = application(binding);
        const bare = await new App({ "app.mjs": text }).run("app.mjs", { node, flags });
        const observed = await new App({ "app.mjs": text }).run("app.mjs", {
          node,
          flags: [...flags, "--require", REGISTER],
          env: receiver.env,
        });
        expect(observed).to.deep.equal(bare);
        expect(bare).to.include({ code: 0, stderr: "" });
        expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);

        const counts: Record<string, number> = {};
        for (const { attributes, count } of receiver.latest.get("storage.snapshot.duration")!.points) {
          const key = [attributes["storage.snapshot.type"], "error.type" in attributes ? "failed" : ""]
            .join(" ")
            .trim();
          counts[key] = (counts[key] ?? 0) + Number(count);
        }
        const said = bare.stdout.split("\n").filter((line) => line !== "");
        const hasBackup = said.some((line) => line.startsWith('["backup"'));
        expect(hasBackup).to.equal(!(binding === "node-sqlite" && version.startsWith("22.")));
        expect(counts["vacuum_into"]).to.equal(1);
        expect(counts["serialize"]).to.equal(hasBackup ? 2 : undefined);
        if (!hasBackup) return;
        const refused = said.filter((line) => /^\["(thrown|promised)",/.test(line));
        const succeeded = refused.filter((line) => /"(number|object)"\]$/.test(line)).length;
        expect(refused).to.have.length(7);
        expect(counts["backup"]).to.equal(2 + succeeded);
        expect(counts["backup failed"]).to.equal(2 + (7 - succeeded) + 5);
        const unhandled = said.filter((line) => line.startsWith('["unhandled"')).map((line) => JSON.parse(line)[1]);
        expect(unhandled).to.deep.equal(["left", "left too", "late", "derived"]);
        expect(said.filter((line) => line.startsWith('["handled late"'))).to.have.length(1);
      });
    }
  }
});
