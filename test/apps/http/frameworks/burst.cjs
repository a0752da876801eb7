// As many messages over a WebSocket as fit, to a listener that does nothing with them; says how many came.
const http = require("node:http");
const WebSocket = require("ws");

const MESSAGES = 3_000;
const server = http.createServer();
new WebSocket.Server({ server }).on("connection", (socket) => {
  let came = 0;
  socket.on("message", () => void came++);
  socket.on("close", () => {
    console.log(came);
    server.close();
  });
});
server.listen(0, "127.0.0.1", function () {
  const client = new WebSocket(`ws://127.0.0.1:${this.address().port}`);
  client.on("open", () => {
    for (let i = 0; i < MESSAGES; i++) client.send("");
    client.close();
  });
});
