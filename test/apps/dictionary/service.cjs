const http = require("node:http");
const Database = require("better-sqlite3");

require("./serve.cjs")(Database, http);
