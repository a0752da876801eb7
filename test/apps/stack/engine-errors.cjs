// Prints the stacks of errors that engines throw, as deep as they are kept, and where they are caught.
const { DatabaseSync } = require("node:sqlite");
const Database = require("better-sqlite3");
const deep = (depth, code) => (depth === 0 ? code() : deep(depth - 1, code));
const say = (name, code) => {
  try {
    code();
  } catch (error) {
    const { value, ...property } = Object.getOwnPropertyDescriptor(error, "stack");
    console.log(name, error.stack, typeof value, { ...property, get: undefined, set: undefined }, Object.keys(error));
  }
};
for (const limit of [10, 3, 1, 0, 50]) {
  Error.stackTraceLimit = limit;
  for (const db of [new DatabaseSync(":memory:"), new Database(":memory:")]) {
    db.exec("CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)");
    const insert = db.prepare("INSERT INTO t VALUES (1)");
    for (const depth of [0, 5, 20]) {
      say(`run ${depth}`, () => deep(depth, () => insert.run()));
      say(`exec ${depth}`, () => deep(depth, () => db.exec("INSERT INTO t VALUES (1)")));
      say(`prepare ${depth}`, () => deep(depth, () => db.prepare("SELEC 1")));
    }
    const mine = deep(20, () => new TypeError("mine"));
    db.function("mine", () => {
      throw mine;
    });
    db.function("made", () => {
      throw new RangeError("made");
    });
    say("an error of the application's, made before", () => db.prepare("SELECT mine()").get());
    say("an error of the application's, made inside", () => deep(3, () => db.prepare("SELECT made()").get()));
  }
}
Error.stackTraceLimit = 10;
let formatted = 0;
Error.prepareStackTrace = (error, sites) => `${++formatted} ${sites.length}`;
const db = new DatabaseSync(":memory:");
try {
  db.exec("SELEC");
} catch (error) {
  console.log(formatted, typeof error.stack, formatted);
}
