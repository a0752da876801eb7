import { expect } from "chai";
import { before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedSpan } from "../helpers/receiver.ts";

interface Output {
  readonly port: number;
  readonly received: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>;
  readonly read: number;
  readonly mine: unknown;
}

const OWN = "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01";

for (const version of SUPPORTED) {
  describe(`HTTP clients on Node.js ${version}`, () => {
    let spans: ReceivedSpan[];
    let output: Output;
    let errorTypes: (string | undefined)[];

    before(async () => {
      const receiver = new Receiver();
      await receiver.start();
      const flags = ["--require", REGISTER];
      const { code, stderr, stdout } = await new App("http").run("client.mjs", {
        node: nodeOf(version),
        env: receiver.env,
        flags,
      });
      await receiver.close();
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
      output = JSON.parse(stdout) as Output;
      spans = receiver.spans.filter(({ kind }) => kind.endsWith("CLIENT"));
      errorTypes = (receiver.latest.get("http.client.request.duration")?.points ?? []).map(
        ({ attributes }) => attributes["error.type"] as string | undefined,
      );
    });

    /** The URL of a span of the client, without the port of the server. */
    const urlOf = ({ attributes }: ReceivedSpan): string =>
      String(attributes["url.full"]).replace(`127.0.0.1:${output.port}`, "SERVER");
    const spanOf = (end: string): ReceivedSpan => {
      const found = spans.filter((span) => urlOf(span).endsWith(end));
      expect(found, end).to.have.length(1);
      return found[0]!;
    };

    it("do not count an abort by the caller as a failure", () => {
      const paths = ["gone", "gone-begun", "abort", "abort-begun", "signal", "signal-begun", "gone-response-begun"];
      for (const path of [...paths, "gone-loop-begun"]) {
        const { attributes, status } = spanOf(`/${path}`);
        expect({ error: attributes["error.type"], code: status?.code }, path).to.deep.equal({
          error: undefined,
          code: "STATUS_CODE_UNSET",
        });
      }
    });

    for (const [path, type] of [
      ["reason", "RangeError"],
      ["reason-begun", "RangeError"],
      ["timeout", "TimeoutError"],
      ["timeout-begun", "TimeoutError"],
      ["late", "ECONNRESET"],
      ["hung-up", "ECONNRESET"],
      ["reset-late", "ECONNRESET"],
    ] as const) {
      it(`count other errors as failures: ${path}`, () => {
        const { attributes, status } = spanOf(`/${path}`);
        expect(attributes["error.type"]).to.equal(type);
        expect(status.code).to.equal("STATUS_CODE_ERROR");
        expect(errorTypes).to.include(type);
      });
    }

    for (const [end, url, host, port] of [
      ["sig=REDACTED", "http://REDACTED:REDACTED@shop.test/proxied?id=7&sig=REDACTED", "shop.test", 80],
      ["&=&c", "https://[2001:db8::7]:8443/proxied-six?a=%20b&=&c", "2001:db8::7", 8443],
      ["slash?q=1", "http://SERVER//double/slash?q=1", "127.0.0.1", undefined],
      ["other.test:443", "http://other.test:443", "other.test", 443],
      ["no-slash", "http://SERVER/no-slash", "127.0.0.1", undefined],
      ["/broken-host", "http://SERVER/broken-host", "127.0.0.1", undefined],
      ["SERVER", "http://SERVER", "127.0.0.1", undefined],
    ] as const) {
      it(`report the target of the request: ${url}`, () => {
        const span = spanOf(end);
        expect(urlOf(span)).to.equal(url);
        expect(span.attributes["server.address"]).to.equal(host);
        expect(span.attributes["server.port"]).to.equal(port ?? output.port);
      });
    }

    it("write an IPv6 address in brackets in URLs only", () => {
      for (const path of ["/six", "/six-url"]) {
        const { attributes } = spanOf(path);
        expect(attributes["server.address"]).to.equal("::1");
        expect(attributes["url.full"]).to.equal(`http://[::1]:${String(attributes["server.port"])}${path}`);
      }
    });

    it("do not change a trace that the application propagates, in each form of headers", () => {
      const own = Object.entries(output.received).filter(([path]) => path.startsWith("/own/"));
      expect(own).to.have.length(7);
      for (const [path, headers] of own)
        expect(headers, path).to.deep.equal({ traceparent: OWN, tracestate: "own=1", baggage: "own=2" });
      expect(output.read).to.equal(1);
      expect(output.mine).to.deep.equal([["host", "a"]]);
      expect(output.received["/not-own/frozen"]!["traceparent"]).to.equal(
        `00-${spanOf("/frozen").traceId}-${spanOf("/frozen").spanId}-01`,
      );
    });
  });
}
