// Has a database open until its standard input ends, and serves nothing.
const { DatabaseSync } = require("node:sqlite");

const db = new DatabaseSync("words.db");
db.exec("CREATE TABLE words (word)");
process.stdin.resume().on("end", () => db.close());
