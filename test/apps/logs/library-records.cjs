// Writes a record outside of everything, one in a request, one that is not urgent enough, and one with an id of its own.
const http = require("node:http");
const loggers = require("./library-loggers.cjs");

module.exports = (name, library) => {
  const write = loggers[name](library);
  write("info", { at: "start" }, "begins");
  const server = http.createServer((request, response) => {
    setTimeout(() => {
      const fields = { at: "request", password: "S3CRET" };
      write("warn", fields, "in a request");
      write("debug", { at: "request" }, "not written");
      write("error", { at: "request", trace_id: "of the application" }, "other trace");
      if (JSON.stringify(fields) !== '{"at":"request","password":"S3CRET"}') throw new Error("fields were changed");
      response.end();
    }, 1);
  });
  server.listen(0, "127.0.0.1", () => {
    const headers = { "x-correlation-id": "order-4711" };
    http.get({ host: "127.0.0.1", port: server.address().port, headers, agent: false }, (response) => {
      response.resume().on("end", () => server.close());
    });
  });
};
