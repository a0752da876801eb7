// A request is part of a domain, which handles what its listener throws.
const http = require("node:http");
const domain = require("node:domain").create();
domain.on("error", (error) => {
  console.log("domain", error.message);
  process.exit();
});
const server = http.createServer((incoming) => {
  domain.add(incoming);
  incoming.on("data", () => {
    throw new Error("of the domain");
  });
});
server.listen(0, "127.0.0.1", () => {
  const call = http.request({ host: "127.0.0.1", port: server.address().port, method: "POST" });
  call.on("error", () => {});
  call.end("body");
});
