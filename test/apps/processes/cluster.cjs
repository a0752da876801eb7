// A cluster of two workers that listen on the port given as an argument, and work a number of times of their own.
const cluster = require("node:cluster");
const http = require("node:http");

const port = Number(process.argv[2]);
if (cluster.isPrimary) {
  cluster.on("listening", (worker, address) => console.log("listening", address.port === port));
  for (const n of [10, 100]) cluster.fork({ RUNS: n });
  process.stdin.resume().on("end", () => process.exit());
} else {
  require("./work.cjs")(Number(process.env.RUNS));
  http.createServer((request, response) => response.end("here")).listen(port, "127.0.0.1");
}
