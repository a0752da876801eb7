// Opens a database with the binding that is the first argument of the program, all of them in one asynchronous form.
const binding = process.argv[2];

const rowOf = ({ _metadata, ...row }) => row;

function synchronous(db) {
  return {
    exec: async (sql) => void db.exec(sql),
    async prepare(sql) {
      const statement = await db.prepare(sql);
      return {
        run: async (...values) => Number((await statement.run(...values)).changes),
        async get(...values) {
          const row = await statement.get(...values);
          return row && rowOf(row);
        },
        all: async (...values) => (await statement.all(...values)).map(rowOf),
        async forEach(each) {
          for (const row of await statement.iterate()) each(rowOf(row));
        },
        async end() {},
      };
    },
    close: async () => void db.close(),
  };
}

const settled = (call) =>
  new Promise((resolve, reject) => {
    call(function (error, result) {
      if (error) reject(error);
      else resolve([this, result]);
    });
  });

async function queued(file) {
  const { Database } = require("sqlite3");
  const { promisify } = require("node:util");
  let db;
  await settled((done) => (db = new Database(file, done)));
  db.configure("busyTimeout", 0);
  return {
    exec: promisify(db.exec.bind(db)),
    async prepare(sql) {
      const [statement] = await settled((done) => db.prepare(sql, done));
      return {
        run: async (...values) => (await settled((done) => statement.run(...values, done)))[0].changes,
        async get(...values) {
          const [, row] = await settled((done) => statement.get(...values, done));
          await settled((done) => statement.reset(done));
          return row;
        },
        all: async (...values) => (await settled((done) => statement.all(...values, done)))[1],
        forEach: (each) => settled((done) => statement.each((error, row) => (error ? done(error) : each(row)), done)),
        end: () => settled((done) => statement.finalize(done)),
      };
    },
    close: promisify(db.close.bind(db)),
  };
}

const OPEN = {
  "better-sqlite3": (file) => synchronous(new (require("better-sqlite3"))(file, { timeout: 0 })),
  libsql: (file) => synchronous(new (require("libsql"))(file, { timeout: 0 })),
  "libsql/promise"(file) {
    const db = new (require("libsql/promise"))(file, { timeout: 0 });
    return { ...synchronous(db), exec: (sql) => db.exec(sql) };
  },
  "node-sqlite": (file) => synchronous(new (require("node:sqlite").DatabaseSync)(file)),
  sqlite3: queued,
};

module.exports = OPEN[binding];
