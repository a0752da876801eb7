// Says what was loaded once it has answered a request.
const { createServer, get } = require("node:http");
const server = createServer((request, response) => response.end("hello")).listen(0, "127.0.0.1", () => {
  get({ port: server.address().port, agent: false }, (response) => {
    response.resume().on("end", () => {
      console.log(JSON.stringify(loaded()));
      server.close();
    });
  });
});
