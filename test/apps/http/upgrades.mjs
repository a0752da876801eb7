/** Upgrades by undici, undici 5 and `WebSocket` that the server accepts or declines; the path names each. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const outcomes = {};
const server = createServer().on("upgrade", ({ url, headers }, socket) => {
  socket.on("error", () => {});
  if (url.startsWith("/declined")) return socket.end("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
  if (url.startsWith("/plain")) return socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  if (url.startsWith("/dropped")) return socket.destroy();
  const key = createHash("sha1").update(`${headers["sec-websocket-key"]}${GUID}`).digest("base64");
  const lines = [`upgrade: ${headers.upgrade}`, "connection: upgrade", `sec-websocket-accept: ${key}`, "", ""];
  return socket.end(["HTTP/1.1 101 Switching Protocols", ...lines].join("\r\n"));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const host = `127.0.0.1:${server.address().port}`;

for (const name of ["undici", "undici-5"]) {
  const { upgrade } = require(name);
  for (const kind of ["accepted", "declined", "plain", "dropped"]) {
    const path = `/${kind}/${name}`;
    try {
      const { socket } = await upgrade(`http://${host}${path}`, { protocol: "echo" });
      await once(socket.resume(), "close");
      outcomes[path] = "closed";
    } catch (error) {
      outcomes[path] = error.code;
    }
  }
}
for (const kind of ["accepted", "declined"]) {
  const events = [];
  outcomes[`/${kind}/websocket`] = events;
  const socket = new WebSocket(`ws://${host}/${kind}/websocket`);
  for (const event of ["open", "error"]) socket.addEventListener(event, () => events.push(event));
  await new Promise((resolve) => {
    // Of one that was declined, some versions emit no more than an error.
    for (const event of ["close", "error"]) socket.addEventListener(event, resolve);
  });
}
console.log(JSON.stringify(outcomes));
server.close();
