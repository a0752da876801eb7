"use strict";
/** What is started, by its name as the argument. JavaScript, as stripping types would take as long as all the rest. */
const APPS = {
  // Serves, and answers with what it took to get there.
  service() {
    const { createServer } = require("node:http");
    const server = createServer((request, response) => {
      response.end(JSON.stringify({ milliseconds: performance.now(), bytes: process.memoryUsage.rss() }));
    });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  },
  // Ends at once, as a command line tool that has nothing to do with storage.
  command() {},
  // Says how long a worker takes that ends at once.
  worker() {
    const { Worker } = require("node:worker_threads");
    const start = performance.now();
    new Worker("", { eval: true }).on("exit", () => console.log(performance.now() - start));
  },
};

APPS[process.argv[2]]();
