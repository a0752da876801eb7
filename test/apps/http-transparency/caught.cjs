// A listener that is called by the application itself throws, and the application catches it.
const http = require("node:http");
const server = http.createServer(() => {
  throw new Error("mine");
});
const incoming = new http.IncomingMessage(null);
Object.assign(incoming, { method: "GET", url: "/", socket: {} });
try {
  server.emit("request", incoming, new http.ServerResponse(incoming));
} catch (error) {
  console.log("caught", error.message);
}
process.on("uncaughtException", (error) => console.log("other", error.message));
setTimeout(() => {
  throw new Error("later");
}, 20);
