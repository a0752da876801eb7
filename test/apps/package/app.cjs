const Database = require("better-sqlite3");

require("./orders.cjs")(new Database(":memory:"));
