const Database = require("better-sqlite3");

new Database(":memory:").prepare("SELECT 1").get();
