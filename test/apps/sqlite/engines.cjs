// One way of using every engine of SQLite, by its id: what they call differently is told apart here and nowhere else.
const engines = {
  "better-sqlite3"() {
    const Database = require("better-sqlite3");
    return {
      open: (file, { timeout = 0, readOnly = false } = {}) => new Database(file, { timeout, readonly: readOnly }),
      transaction: (db, mode, work) => db.transaction(work)[mode](),
      backup: (db, file) => db.backup(file),
      /** What this engine alone has. */
      ofItsOwn(db) {
        db.prepare("SELECT word FROM words WHERE id = ?").pluck().get(1);
        db.prepare("SELECT id, word FROM words LIMIT 3").raw().all();
        db.prepare("SELECT id FROM words WHERE id = ?").bind(1).get();
        db.pragma("user_version", { simple: true });
        // A transaction inside of another one is a savepoint.
        const inner = db.transaction((count) => db.prepare("UPDATE counters SET count = ?").run(count));
        db.transaction(() => inner(1))();
      },
    };
  },
  "node-sqlite"() {
    const { DatabaseSync, backup } = require("node:sqlite");
    return {
      open: (file, { timeout = 0, readOnly = false } = {}) => new DatabaseSync(file, { timeout, readOnly }),
      transaction(db, mode, work) {
        db.exec(`BEGIN ${mode.toUpperCase()}`);
        try {
          work();
          db.exec("COMMIT");
        } catch (error) {
          db.exec("ROLLBACK");
          throw error;
        }
      },
      backup,
      ofItsOwn(db) {
        const sql = db.createTagStore();
        void sql.get`SELECT word FROM words WHERE id = ${1}`;
        void sql.all`SELECT id, word FROM words LIMIT ${3}`;
        for (const _ of sql.iterate`SELECT id FROM words WHERE id < ${4}`);
        void sql.run`UPDATE counters SET count = ${1}`;
        const session = db.createSession();
        db.exec("UPDATE counters SET count = count + 1");
        const changes = session.changeset();
        session.close();
        db.exec("UPDATE counters SET count = count - 1");
        db.applyChangeset(changes);
      },
    };
  },
};

module.exports = (id) => engines[id]();
