// Listens to every statement in the way that is its argument, while each layer of storage finds something to do.
const { subscribe } = require("node:diagnostics_channel");

const OPEN = {
  "a log of statements": () => new (require("better-sqlite3"))("app.db", { verbose: console.log }),
  "an authorizer": () => {
    const { DatabaseSync, constants } = require("node:sqlite");
    const db = new DatabaseSync("app.db");
    db.setAuthorizer((...details) => {
      console.log(...details);
      return constants.SQLITE_OK;
    });
    return db;
  },
  "the channel of Node.js": () => {
    const { DatabaseSync } = require("node:sqlite");
    subscribe("sqlite.db.query", ({ sql }) => console.log(sql));
    return new DatabaseSync("app.db");
  },
};

const db = OPEN[process.argv[2]]();
db.exec("PRAGMA journal_mode = WAL");
db.exec("PRAGMA wal_autocheckpoint = 2");
db.exec("CREATE VIRTUAL TABLE notes USING fts5(text)");
const insert = db.prepare("INSERT INTO notes VALUES (?)");
for (let i = 0; i < 100; i++) insert.run("note " + i);
db.prepare("SELECT * FROM notes WHERE notes MATCH ?").all("note");
db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
db.exec("INSERT INTO notes(notes) VALUES ('optimize')");
db.exec("VACUUM");
db.close();
