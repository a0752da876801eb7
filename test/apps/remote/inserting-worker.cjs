// Inserts sixty words, and ends.
const { DatabaseSync } = require("node:sqlite");

const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE words (word)");
const insert = db.prepare("INSERT INTO words VALUES (?)");
for (let i = 0; i < 60; i++) insert.run("x");
