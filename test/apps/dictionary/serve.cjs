// A small service over a dictionary: fills it, serves three requests to itself, says that it is done, and ends when its
// standard input does. What it does is fixed, so every count of its telemetry is known: see test/helpers/dictionary.ts. It
// gets the modules in the way its caller loads them.
const { join } = require("node:path");

module.exports = (Database, http) => {
  class Dictionary extends Database {
    constructor(file) {
      super(file);
      this.pragma("journal_mode = WAL");
    }
  }

  const db = new Dictionary(join(process.cwd(), `dictionary-${process.pid}.db`));
  db.exec(
    "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE, gloss TEXT); CREATE TABLE edits (word TEXT, at INTEGER)",
  );
  const insert = db.prepare("INSERT INTO words (word, gloss) VALUES (?, ?)");
  const get = db.prepare("SELECT gloss FROM words WHERE word = ?");
  const list = db.prepare("SELECT word FROM words ORDER BY word LIMIT 20");
  const update = db.prepare("UPDATE words SET gloss = ? WHERE word = ?");
  const log = db.prepare("INSERT INTO edits VALUES (?, 0)");
  const fill = db.transaction((n) => {
    for (let i = 0; i < n; i++) insert.run(`word${i}`, `gloss ${i}`);
  });
  const edit = db.transaction((word) => {
    update.run("edited", word);
    log.run(word);
  });

  const routes = {
    "/lookup": () => {
      for (let i = 0; i < 50; i++) get.get(`word${i}`);
      return Array.from(list.iterate()).length;
    },
    "/edit": () => edit.immediate("word7"),
    "/duplicate": () => {
      try {
        return insert.run("word1", "again");
      } catch (error) {
        return error.code;
      }
    },
  };

  fill(100);
  db.pragma("wal_checkpoint(PASSIVE)");
  const server = http.createServer((request, response) => {
    response.end(JSON.stringify(routes[request.url]()) ?? "");
  });
  const ask = (path) =>
    new Promise((resolve) => {
      http.get({ port: server.address().port, host: "127.0.0.1", path, agent: false }, (response) => {
        response.resume().on("end", resolve);
      });
    });
  server.listen(0, "127.0.0.1", async () => {
    for (const path of Object.keys(routes)) await ask(path);
    server.close();
    console.log("done");
    process.stdin.resume().on("end", () => db.close());
  });
};
