// A listener of requests throws, which is not caught.
const http = require("node:http");
const server = http.createServer(() => {
  throw Object.assign(new TypeError("of the application"), { code: "APP" });
});
server.listen(0, "127.0.0.1", () => http.get({ host: "127.0.0.1", port: server.address().port }));
