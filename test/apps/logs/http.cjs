// A server on a free port, and requests to it.
const http = require("node:http");

/** Listens, and calls back with the port and the server. */
exports.listen = (answer, then) => {
  const server = http.createServer(answer).listen(0, "127.0.0.1", () => then(server.address().port, server));
};

/** Resolves with the response once it was read, or with the error there was instead. */
exports.ask = (port, headers, path = "/") =>
  new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, headers, path, agent: false };
    http
      .get(options, (response) => {
        response
          .resume()
          .on("end", () => resolve(response))
          .on("error", () => resolve(response));
      })
      .on("error", resolve);
  });
