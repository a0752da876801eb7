/**
 * The same requests by any client: `node clients.mjs http|fetch|undici|undici-5`. Prints how each ended for the
 * application, and which headers arrived.
 */
import { once } from "node:events";
import http, { createServer } from "node:http";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";

const [, , client] = process.argv;
const outcomes = {};
process.on("unhandledRejection", (error) => console.log("unhandled", error.message));

const server = createServer((incoming, response) => {
  const [path] = incoming.url.split("?");
  if (path === "/redirect") response.writeHead(302, { location: "/redirected" }).end();
  else if (path === "/missing") response.writeHead(404).end("no");
  else if (path === "/broken") response.writeHead(500).end("no");
  else if (path === "/empty") response.writeHead(204).end();
  else if (path === "/hang-up") incoming.socket.destroy();
  else if (path === "/reset") incoming.socket.resetAndDestroy();
  else if (path === "/cut")
    response.writeHead(200, { "content-length": 9 }).write("abc", () => incoming.socket.destroy());
  else if (path.startsWith("/never")) return;
  else if (path.startsWith("/endless")) {
    const timer = setInterval(() => response.write("more"), 5);
    response.on("close", () => clearInterval(timer));
  } else incoming.resume().on("end", () => response.end("hello"));
});
await once(server.listen(0, "127.0.0.1"), "listening");
const origin = `http://127.0.0.1:${server.address().port}`;

/** Sends a request. @returns its status and its body as an iterable */
const send =
  {
    http: (url, { body, ...options }) =>
      new Promise((resolve, reject) => {
        const call = http.request(url, options, (response) => resolve({ status: response.statusCode, body: response }));
        call.on("error", reject).end(body);
      }),
    fetch: async (url, options) => {
      const { status, body } = await fetch(url, { redirect: "manual", ...options });
      return { status, body: body ?? [] };
    },
  }[client] ?? undici(client);

function undici(name) {
  const { request } = createRequire(import.meta.url)(name);
  return async (url, options) => {
    const { statusCode, body } = await request(url, options);
    return { status: statusCode, body };
  };
}

/** What an application can see of an error. */
const described = (error) => {
  const { name, code, cause } = Object(error);
  return [name, code, cause?.code, Object.keys(Object(error)).toSorted().join()].map(String);
};

/** Runs a request to its end, and keeps how it ended. */
async function run(path, options = {}, { begun, base = origin } = {}) {
  const outcome = {};
  outcomes[path] = outcome;
  try {
    const { status, body } = await send(base + path, options);
    outcome.status = status;
    outcome.length = 0;
    for await (const chunk of body) {
      if (begun?.()) break;
      outcome.length = path.startsWith("/endless") ? "some" : outcome.length + chunk.length;
    }
  } catch (error) {
    outcome.error = described(error);
  }
  await wait(10);
}

const abortAfter = (milliseconds, ...reason) => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(...reason), milliseconds);
  return controller.signal;
};

await run("/plain?a=1&b=%20two&sig=secret");
await run("/put", { method: "PUT", body: "text", headers: { "user-agent": "mine/1" } });
for (const path of ["/redirect", "/missing", "/broken", "/empty", "/hang-up", "/reset", "/cut"]) await run(path);
await run("/refused", {}, { base: "http://127.0.0.1:65123" });
await run("/unknown", {}, { base: "http://no-such-host.invalid" });
await run("/never?abort", { signal: abortAfter(30) });
await run("/never?reason", { signal: abortAfter(30, new RangeError("own")) });
await run("/never?text", { signal: abortAfter(30, "own") });
await run("/never?post", { method: "POST", body: "text", signal: abortAfter(60, new RangeError("own")) });
// undici 5 does not tell why it was aborted.
if (client !== "undici-5") await run("/never?timeout", { signal: AbortSignal.timeout(30) });
await run("/endless?break", {}, { begun: () => true });
const late = new AbortController();
await run("/endless?abort", { signal: late.signal }, { begun: () => late.abort() });
console.log(JSON.stringify(outcomes, undefined, 1));
server.closeAllConnections();
server.close();
