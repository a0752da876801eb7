import { expect } from "chai";
import { before, describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedSpan } from "../helpers/receiver.ts";

/** Status and `error.type` of each request. */
const ENDS: Readonly<Record<string, readonly [status: number | undefined, type: string | undefined]>> = {
  "/keep/2": [200, undefined],
  "/missing": [404, "404"],
  "/broken": [500, "500"],
  "/early": [200, undefined],
  "/push": [200, undefined],
  "/trailers": [200, undefined],
  "/leave": [200, undefined],
  "/put": [200, undefined],
  "/head": [200, undefined],
  "/refused": [undefined, "ERR_HTTP2_STREAM_ERROR"],
  "/lost": [undefined, "ECONNRESET"],
  "/cut": [200, "ECONNRESET"],
  "/goaway": [undefined, "ERR_HTTP2_SESSION_ERROR"],
  "/no-server": [undefined, "ECONNREFUSED"],
  "/hang-up": [undefined, "ECONNRESET"],
  "/after": [undefined, "ERR_HTTP2_INVALID_SESSION"],
  "/invalid": [undefined, "ERR_HTTP2_INVALID_PSEUDOHEADER"],
  "/never-close": [undefined, undefined],
  "/never-destroy": [undefined, undefined],
  "/never-session": [undefined, undefined],
  "/never-pending": [undefined, undefined],
  "/never-signal": [undefined, undefined],
  "/never-aborted": [undefined, undefined],
  "/endless-close": [200, undefined],
  "/endless-destroy": [200, undefined],
  "/never-own": [undefined, "RangeError"],
  "/never-code": [undefined, "ERR_HTTP2_STREAM_ERROR"],
  "/never-late": [undefined, "ECONNRESET"],
  "/never-time": [undefined, "TimeoutError"],
  "/own-socket": [200, undefined],
  "/frozen": [200, undefined],
  "/traced": [200, undefined],
  "/hostile": [200, undefined],
};

for (const version of SUPPORTED) {
  describe(`HTTP/2 clients on Node.js ${version}`, () => {
    const node = nodeOf(version);
    let spans: readonly ReceivedSpan[];
    let outputs: readonly string[];
    let carried: Readonly<Record<string, string | undefined>>;
    let counted: number;

    before(async () => {
      const receiver = new Receiver();
      await receiver.start();
      const bare = await new App("http").run("http2-client.mjs", { node, flags: [] });
      const seen = await new App("http").run("http2-client.mjs", { node, env: receiver.env });
      await receiver.close();
      outputs = [bare.stdout, seen.stdout];
      carried = JSON.parse(seen.stderr) as typeof carried;
      spans = receiver.spans.filter(({ kind }) => kind.endsWith("CLIENT"));
      const points = receiver.latest.get("http.client.request.duration")?.points ?? [];
      counted = points.reduce((sum, { count }) => sum + Number(count), 0);
    });

    const spanOf = (path: string): ReceivedSpan => {
      const found = spans.filter(({ attributes }) => String(attributes["url.full"]).endsWith(path));
      expect(found, path).to.have.length(1);
      return found[0]!;
    };

    it("look unchanged to the application", () => expect(outputs[1]).to.equal(outputs[0]));

    it("have the same spans and counts as those of HTTP/1, however they end", () => {
      const ends = Object.keys(ENDS).map((path) => {
        const { attributes, status } = spanOf(path);
        const type = attributes["error.type"];
        expect(status.code, path).to.equal(type === undefined ? "STATUS_CODE_UNSET" : "STATUS_CODE_ERROR");
        return [path, [attributes["http.response.status_code"], type]];
      });
      expect(Object.fromEntries(ends)).to.deep.equal(ENDS);
      expect(counted).to.equal(spans.length);
    });

    it("report the target of the request", () => {
      const { name, attributes } = spanOf("&sig=REDACTED");
      const port = attributes["network.peer.port"];
      expect({ name, ...attributes }).to.include({
        name: "GET",
        "url.full": `http://127.0.0.1:${String(port)}/keep?a=1&b=%20two&sig=REDACTED`,
        "server.address": "127.0.0.1",
        "server.port": port,
        "network.peer.address": "127.0.0.1",
        "network.protocol.version": "2",
      });
      expect(spanOf("/put").attributes).to.include({ "http.request.method": "PUT", "user_agent.original": "mine/1" });
      expect(spanOf("/authority").attributes).to.include({
        "url.full": "https://shop.example:8/authority",
        "server.address": "shop.example",
        "server.port": 8,
      });
    });

    it("carry the trace, unless the application wrote one itself", () => {
      const paths = ["/keep/2", "/put", "/own-socket", "/frozen", "/hostile"];
      for (const path of paths) expect(carried[path], path).to.include(spanOf(path).spanId);
      expect(carried["/traced"]).to.include("bbbbbbbbbbbbbbbb");
      if (version !== "22.15.0") expect(carried["/array"]).to.include(spanOf("/array").spanId);
    });
  });
}
