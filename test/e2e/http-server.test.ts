import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

/** What is told of each request, by its path: status, error, and what a row is about. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "/no-host": { "network.protocol.version": "1.0", "server.address": undefined, "server.port": undefined },
  "/broken-host": { "server.address": undefined, "server.port": undefined },
  "/ipv6-host": { "server.address": "::1", "server.port": 8080 },
  "/empty-host": { "server.address": undefined, "server.port": undefined },
  "//double//slash": { "url.query": "a=%20&b=+", "server.address": "shop.example", "server.port": 80 },
  "/absolute": { "url.query": "x", "server.address": "shop.example", "server.port": 99 },
  "/absolute-https": { "url.scheme": "https", "server.address": "::2", "server.port": 443 },
  "*": { "http.request.method": "OPTIONS", "server.address": "a" },
  "no path": { "http.request.method": "CONNECT", "server.address": "shop.example", "server.port": 443 },
  "/accepted": { "http.response.status_code": 101 },
  "/later": { "http.response.status_code": 101 },
  "/refused": { "http.response.status_code": 401 },
  "/failed": { "http.response.status_code": 503, "error.type": "503" },
  "/dropped": { "http.response.status_code": undefined, "error.type": "ECONNRESET" },
  "/secure": { "http.response.status_code": 101, "url.scheme": "https", "server.port": 443 },
  "/compatible/1": {
    "http.response.status_code": 202,
    "http.route": "/compatible/:id",
    "network.protocol.version": "2",
    "url.query": "q=%20",
    "user_agent.original": "me",
    "client.address": "127.0.0.1",
  },
  "/stream": { "http.response.status_code": 201, "server.address": "shop.example", "server.port": 8 },
  "/stream-reset": { "http.response.status_code": undefined, "error.type": "ERR_HTTP2_STREAM_ERROR" },
  "/stream-half": { "http.response.status_code": 200, "error.type": "ECONNRESET" },
  "/stream-failed": { "http.response.status_code": 500, "error.type": "500" },
  "/secure-2": { "network.protocol.version": "2", "url.scheme": "https" },
  "/secure-1": { "network.protocol.version": "1.1", "url.scheme": "https", "server.port": 443 },
};

const USUAL = { "http.request.method": "GET", "http.response.status_code": 200, "error.type": undefined };

describe("an HTTP server", () => {
  const receiver = receiving();

  for (const version of SUPPORTED) {
    it(`has one span for each request, whatever its target and protocol: ${version}`, async () => {
      const app = new App("http");
      const node = nodeOf(version);
      const bare = await app.run("servers.cjs", { node, flags: [] });
      const ended = await app.run("servers.cjs", { node, flags: ["--require", REGISTER], env: receiver.env });
      expect(bare).to.include({ code: 0, stderr: "" });
      // In the application, each of its listeners is in a span, and nothing of ours is left on its sockets.
      expect(ended).to.deep.equal({ ...bare, stdout: bare.stdout.replaceAll("false", "true") });

      const spans = receiver.spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
      const byPath = new Map(spans.map(({ attributes }) => [attributes["url.path"] ?? "no path", attributes]));
      expect([...byPath.keys()]).to.have.members(Object.keys(EXPECTED));
      expect(spans).to.have.length(byPath.size);
      for (const [path, row] of Object.entries(EXPECTED)) {
        for (const [name, value] of Object.entries({ ...USUAL, ...row })) {
          expect(byPath.get(path)![name], `${path}: ${name}`).to.equal(value);
        }
      }
      expect(spans.find(({ attributes }) => attributes["http.route"] !== undefined)!.name).to.equal(
        "GET /compatible/:id",
      );
      const counts = receiver.latest.get("http.server.request.duration")!.points.map(({ count }) => Number(count));
      expect(counts.reduce((sum, count) => sum + count)).to.equal(spans.length);
      const active = receiver.latest.get("http.server.active_requests")!.points;
      expect(active.every(({ asInt }) => Number(asInt) === 0)).to.equal(true);
    });
  }
});
