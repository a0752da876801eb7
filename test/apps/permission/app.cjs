// Writes, and stays for longer than it takes until there is a listener.
const { DatabaseSync } = require("node:sqlite");

const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE t (a)");
setTimeout(() => console.log("done"), 1200);
