// Reads with a copy of better-sqlite3 in the folder that is its argument.
const Database = require(process.argv[2]);

console.log(new Database(":memory:").prepare("SELECT 1 AS n").get().n);
