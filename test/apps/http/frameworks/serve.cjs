// Serves a listener, or what has a function to listen, and asks it for what is in the arguments: `GET /path`.
const http = require("node:http");

const send = (port, [method, path]) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port, method, path, agent: false }, (response) =>
      response.resume().on("close", resolve),
    );
    request.on("error", reject).end();
  });

/** Asks a server on a port, and says when that is done: then it is ended. */
async function ask(port) {
  for (const each of process.argv.slice(2)) await send(port, each.split(" "));
  console.log("asked");
}

/** Serves a listener, and asks it. */
const serve = (listener) =>
  http.createServer(listener).listen(0, "127.0.0.1", function () {
    void ask(this.address().port);
  });

module.exports = { ask, serve };
