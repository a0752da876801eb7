// The store for ES modules: what its functions do, their names say; its lines stand in findings.test.ts.
import Database from "better-sqlite3";

const db = new Database(":memory:");
const pause = (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
db.function("pause", (ms) => (pause(ms), "SECRET_RESULT"));
db.function("fail", (ms) => {
  pause(ms);
  throw new Error("SECRET_ERROR");
});
db.exec("CREATE TABLE words (id INTEGER, word TEXT)");
const get = db.prepare("SELECT word FROM words WHERE id = ?");
const slow = db.prepare("SELECT pause(80), 'SECRET_INLINE', ? FROM (SELECT 1)");
const blocking = db.prepare("SELECT pause(25), word FROM words WHERE word = 'SECRET_INLINE' UNION SELECT pause(25), ?");
const failing = db.prepare("SELECT fail(80), ? FROM (SELECT 2)");

class Store {
  slow() {
    return slow.get("SECRET_BOUND");
  }
  blocking() {
    return blocking.all("SECRET_BOUND");
  }
  failing() {
    try {
      failing.get("SECRET_BOUND");
    } catch {}
  }
  repeated(n) {
    for (let i = 0; i < n; i++) get.get("SECRET_BOUND" + i);
  }
}

export default new Store();
