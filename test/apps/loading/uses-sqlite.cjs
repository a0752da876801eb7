const { DatabaseSync } = require("node:sqlite");

new DatabaseSync(":memory:").exec("SELECT 1");
