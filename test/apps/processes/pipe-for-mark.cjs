// Pipes lie where the marks of two ports would: of our listener, and of the one after it, which the application asks for.
const { execFileSync } = require("node:child_process");
const { existsSync, readlinkSync } = require("node:fs");
const { createServer, get } = require("node:http");
const { join } = require("node:path");
const { DatabaseSync } = require("node:sqlite");

const first = Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT);
const NETWORK = "/proc/self/ns/net";
const network = existsSync("/proc/self/ns") ? readlinkSync(NETWORK).replace(/\D/g, "") : "";
for (const port of [first, first + 1])
  execFileSync("mkfifo", [join(process.env.STRATASCOPE_ADMIN_FOLDER, `port-${port}-${network}`)]);

new DatabaseSync(":memory:").exec("CREATE TABLE items (name)");
/** Waits for the page of our listener. */
function look() {
  get({ port: first, path: "/metrics", agent: false }, (response) => {
    console.log("shows", response.statusCode);
    process.exit();
  }).on("error", () => setTimeout(look, 50));
}
createServer().listen(first + 1, () => {
  console.log("listens");
  look();
});
