import type Database from "better-sqlite3";

/** A piece of work that is done many times. */
export interface Work {
  /** Units of work done at once; a few milliseconds. */
  readonly chunk: number;
  /** Fills the database and returns one unit of work. */
  readonly prepare: (db: Database.Database) => () => void;
}

const ROWS = 10_000;

function fill(db: Database.Database): void {
  db.pragma("journal_mode = WAL");
  // What the disk does is the same for every variant and would drown the differences.
  db.pragma("synchronous = OFF");
  db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
  const insert = db.prepare("INSERT INTO kv (k, v) VALUES (?, ?)");
  db.transaction(() => {
    for (let k = 0; k < ROWS; k++) insert.run(k, `value ${k}`);
  })();
}

/** Keys all over the table, the same for every variant. */
function keys(): () => number {
  let key = 0;
  return () => (key = (key + 7919) % ROWS);
}

export const WORK = {
  "point read": {
    chunk: 500,
    prepare(db) {
      fill(db);
      const get = db.prepare("SELECT v FROM kv WHERE k = ?");
      const next = keys();
      return () => get.get(next());
    },
  },
  transaction: {
    chunk: 50,
    prepare(db) {
      fill(db);
      const get = db.prepare("SELECT v FROM kv WHERE k = ?");
      const put = db.prepare("INSERT OR REPLACE INTO kv (k, v) VALUES (?, ?)");
      const next = keys();
      return db.transaction(() => {
        for (let i = 0; i < 4; i++) get.get(next());
        for (let i = 0; i < 3; i++) put.run(next(), "value");
      });
    },
  },
  "three inserts": {
    chunk: 300,
    prepare(db) {
      db.pragma("journal_mode = WAL");
      // Waits for the disk where a checkpoint does; processor time does not know of that.
      db.pragma("synchronous = NORMAL");
      db.exec("CREATE TABLE kv (k INTEGER PRIMARY KEY, v TEXT)");
      const insert = db.prepare("INSERT INTO kv (v) VALUES (?)");
      return db.transaction(() => {
        for (let i = 0; i < 3; i++) insert.run("value");
      });
    },
  },
} as const satisfies Record<string, Work>;

export type WorkName = keyof typeof WORK;
