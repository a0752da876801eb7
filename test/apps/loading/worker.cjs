const { parentPort } = require("node:worker_threads");
const Database = require("better-sqlite3");

const get = new Database(":memory:").prepare("SELECT 1");
for (let i = 0; i < 9; i++) get.get();
parentPort.postMessage("worked");
