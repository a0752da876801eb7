// Only reads, and slowly, while other processes write.
const { execFileSync } = require("node:child_process");
const { setTimeout: sleep } = require("node:timers/promises");
const open = require("./open.cjs");

const write = () => execFileSync(process.execPath, ["wal-writer.cjs", process.argv[2]], { stdio: "pipe" });
write();
const db = open("app.db");
db.exec("PRAGMA wal_autocheckpoint = 50");
async function read() {
  for (const _ of db.prepare("SELECT id FROM words LIMIT 2").iterate()) {
    write();
    await sleep(700);
  }
}
void read();
