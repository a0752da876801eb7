import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Client } from "../../../../src/export/otlp/client.ts";
import type { SendResult, Batch } from "../../../../src/export/batch.ts";
import { eventually } from "../../../helpers/eventually.ts";
import { RawCollector, type RawAnswer } from "../../../helpers/raw-collector.ts";

const BATCH: Batch = {
  signal: "traces",
  contentType: "application/json",
  body: Buffer.from(`{"resourceSpans":[]}`),
  items: 10,
  time: 0,
};

const TIMEOUT_MS = 1_500;

/** An answer of HTTP, as it stands. */
const http =
  (status: string, headers: readonly string[] = [], body: string | Buffer = ""): RawAnswer =>
  (socket) => {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    socket.write([`HTTP/1.1 ${status} x`, ...headers, `Content-Length: ${bytes.length}`, "", ""].join("\r\n"));
    socket.write(bytes);
  };

const text =
  (bytes: string): RawAnswer =>
  (socket) =>
    void socket.write(bytes);

/** Writes again and again. */
const dripping =
  (head: string, drip: string, interval: number): RawAnswer =>
  (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write(drip), interval);
    socket.on("close", () => clearInterval(timer));
  };

const partial = (rejected: unknown, more: object = {}): string =>
  JSON.stringify({ partialSuccess: { rejectedSpans: rejected, ...more } });

const CHUNKED = "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n";
const accepted = (rejected = 0, message?: string): SendResult => ({ outcome: "accepted", rejected, message });

/** What is answered, and what it means. */
const ANSWERS: Readonly<Record<string, readonly [RawAnswer, SendResult]>> = {
  "200": [http("200"), accepted()],
  "204 with nothing": [text("HTTP/1.1 204 x\r\n\r\n"), accepted()],
  "a part rejected": [http("200", [], partial("3", { errorMessage: "too old" })), accepted(3, "too old")],
  "more rejected than was sent": [http("200", [], partial(1e9)), accepted(10)],
  "an infinite part rejected": [http("200", [], partial("Infinity")), accepted(10)],
  "less than nothing rejected": [http("200", [], partial(-5)), accepted()],
  "a fraction rejected": [http("200", [], partial(2.5)), accepted(2)],
  "what is no number rejected": [http("200", [], partial({ a: 1 })), accepted()],
  "a reason that is none": [http("200", [], partial(1, { errorMessage: { a: 1 } })), accepted(1)],
  "a reason without end": [
    http("200", [], partial(1, { errorMessage: "x\n".repeat(500) })),
    accepted(1, "x%0A".repeat(100)),
  ],
  "a compressed body": [http("200", ["Content-Encoding: gzip"], gzipSync(partial(4))), accepted(4)],
  "a bomb": [http("200", ["Content-Encoding: gzip"], gzipSync(Buffer.alloc(20_000_000))), accepted()],
  "what is not compressed": [http("200", ["Content-Encoding: gzip"], partial(4)), accepted()],
  "a body without end": [dripping(CHUNKED, "1\r\nx\r\n", 50), accepted()],
  "a body without bounds": [dripping(CHUNKED, `10000\r\n${"x".repeat(65_536)}\r\n`, 1), accepted()],
  "a body that stops": [text("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nhalf"), accepted()],
  "a body that is cut off": [(socket) => socket.end("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nhalf"), accepted()],
  "a body of another size": [text("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), accepted()],
  "101": [
    text("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
    { outcome: "refused", reason: "it was answered with 101", errorType: "101" },
  ],
  "103 and then 200": [
    text("HTTP/1.1 103 x\r\nLink: x\r\n\r\nHTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n"),
    accepted(),
  ],
  "100 and then nothing": [text("HTTP/1.1 100 x\r\n\r\n"), { outcome: "later", reason: "no answer within 1500 ms" }],
  "informational answers without end": [
    dripping("", "HTTP/1.1 102 x\r\n\r\n", 20),
    { outcome: "later", reason: "no answer within 1500 ms" },
  ],
  "a flood of informational answers": [
    dripping("", "HTTP/1.1 103 x\r\nLink: x\r\n\r\n".repeat(1_000), 1),
    { outcome: "later", reason: "too many interim answers" },
  ],
  "headers that drip": [
    dripping("HTTP/1.1 200 x\r\n", "X-A: b\r\n", 50),
    { outcome: "later", reason: "no answer within 1500 ms" },
  ],
  "headers without bounds": [
    dripping("HTTP/1.1 200 x\r\n", `X-A: ${"b".repeat(60_000)}\r\n`, 1),
    { outcome: "later", reason: "Parse Error: Header overflow" },
  ],
  "what is no HTTP": [
    text("hello\r\n\r\n"),
    { outcome: "later", reason: "Parse Error: Expected HTTP/, RTSP/ or ICE/" },
  ],
  "the end of the connection": [(socket) => socket.end(), { outcome: "later", reason: "socket hang up" }],
  "301 to another host": [
    http("301", ["Location: https://user:SECRET@elsewhere.example/v1/traces?key=SECRET"]),
    {
      outcome: "refused",
      reason: "it was answered with 301, a redirect to elsewhere.example that is not followed",
      errorType: "301",
    },
  ],
  "307 to another path": [
    http("307", ["Location: /v2/traces"]),
    {
      outcome: "refused",
      reason: "it was answered with 307, a redirect to another path that is not followed",
      errorType: "307",
    },
  ],
  "304": [http("304"), { outcome: "refused", reason: "it was answered with 304", errorType: "304" }],
  "400": [http("400"), { outcome: "refused", reason: "it was answered with 400", errorType: "400" }],
  "500": [http("500"), { outcome: "refused", reason: "it was answered with 500", errorType: "500" }],
  "999": [http("999"), { outcome: "refused", reason: "it was answered with 999", errorType: "999" }],
  ...Object.fromEntries(
    ["429", "502", "503", "504"].map((status) => [
      status,
      [
        http(status, ["Retry-After: 7"]),
        { outcome: "later", reason: `it was answered with ${status}`, afterMilliseconds: 7_000 },
      ],
    ]),
  ),
  ...Object.fromEntries(
    [
      "0",
      "-5",
      "0.001",
      "1e3",
      "0x10",
      "soon",
      "",
      "Thu, 01 Jan 1970 00:00:00 GMT",
      "Thu, 99 Foo 1970 00:00:00 GMT",
    ].map((wait) => [
      `503 and a wait of "${wait}"`,
      [
        http("503", [`Retry-After: ${wait}`]),
        { outcome: "later", reason: "it was answered with 503", afterMilliseconds: undefined },
      ],
    ]),
  ),
};

describe("a Collector's response", () => {
  let collector: RawCollector | undefined;
  afterEach(() => collector?.close());

  async function client(answer: RawAnswer, more: object = {}): Promise<Client> {
    collector = new RawCollector(answer);
    const url = `${await collector.start()}/v1/traces`;
    return new Client("traces", { url, headers: {}, compression: "none", timeoutMillis: TIMEOUT_MS, ...more });
  }

  for (const [what, [answer, meaning]] of Object.entries(ANSWERS)) {
    it(`is understood, and the next batch is sent: ${what}`, async () => {
      const sending = await client(answer);
      for (const _ of [1, 2])
        expect({ message: undefined, ...(await sending.post(BATCH)) }).to.deep.equal({
          message: undefined,
          ...meaning,
        });
      expect(collector!.requests).to.have.length(2);
    });
  }

  it("can have a Retry-After of years", async () => {
    const waits: unknown[] = [];
    for (const wait of ["99999999999999999999", new Date(Date.now() + 1e13).toUTCString()]) {
      const answer = await (await client(http("503", [`Retry-After: ${wait}`]))).post(BATCH);
      waits.push(answer.outcome === "later" ? answer.afterMilliseconds : answer);
      await collector!.close();
    }
    for (const wait of waits) expect(wait).to.be.above(9e12);
  });

  it("leaves no unused connection open", async () => {
    const sending = await client(dripping(CHUNKED, "1\r\nx\r\n", 50));
    await sending.post(BATCH);
    await eventually(() => !collector!.isConnected, { every: 10 });
  });

  it("uses one connection, and at once a new one if that was closed", async () => {
    for (const close of ["resetAndDestroy", "destroy"] as const) {
      let isFirst = true;
      const sending = await client((socket, request) => {
        // The second request over a connection finds it gone.
        if (isFirst) http("200")(socket, request);
        else if (collector!.connections === 1) return void socket[close]();
        else http("200")(socket, request);
        isFirst = false;
      });
      for (const _ of [1, 2]) expect(await sending.post(BATCH)).to.include({ outcome: "accepted" });
      expect(collector!.connections).to.equal(2);
      await collector!.close();
    }
  });
});
