// Takes an order from itself: a request, a transaction, and a log record by each API. Ends when its standard input does.
const http = require("node:http");
const { logs } = require("@opentelemetry/api");
const { logs: legacyLogs } = require("@opentelemetry/api-logs");
const Database = require("better-sqlite3");

const db = new Database(":memory:");
db.exec("CREATE TABLE orders (id)");
const insert = db.prepare("INSERT INTO orders VALUES (?)");
const order = db.transaction((n) => {
  for (let i = 0; i < n; i++) insert.run(i);
});
const server = http.createServer((request, response) => {
  order(10);
  logs.getLogger("new").emit({ body: "of the API" });
  legacyLogs.getLogger("old").emit({ body: "of api-logs" });
  response.end();
});
server.listen(0, "127.0.0.1", () => {
  http.get({ port: server.address().port, host: "127.0.0.1", path: "/order", agent: false }, (response) => {
    response.resume().on("end", () => {
      console.log("served");
      process.stdin.on("end", () => server.close()).resume();
    });
  });
});
