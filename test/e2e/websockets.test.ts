import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { ROOT, UNHURRIED } from "../helpers/app.ts";
import { appWith } from "../helpers/framework-app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";

const MODULES = Object.fromEntries(
  Object.entries({ API: "@opentelemetry/api", SQLITE: "better-sqlite3" }).map(([name, module]) => [
    name,
    join(ROOT, "node_modules", module),
  ]),
);
const CONSUMER = "SPAN_KIND_CONSUMER";

describe("a WebSocket", () => {
  const receiver = receiving();

  for (const { library, packages, paths } of [
    { library: "ws", packages: ["ws", "8.23.0"], paths: ["/elsewhere 400", "/socket 101"] },
    { library: "socket.io", packages: ["socket.io", "4.8.4", "socket.io-client@4.8.4"], paths: ["/socket.io/ 101"] },
  ] as const) {
    it(`has a span for its request and for each message: ${library}`, async () => {
      const env = { ...receiver.env, ...MODULES, LIBRARY: library };
      const running = appWith(packages).start("websocket.cjs", { env });
      await running.says(/message/);
      const { stdout, stderr, signal } = await running.stop();
      expect({ stderr, signal }).to.deep.equal({ stderr: "", signal: "SIGTERM" });
      expect(JSON.parse(stdout)).to.include({ message: true });
      const spans = receiver.spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
      const [transaction] = receiver.spans.filter(({ name }) => name === "transaction memory");
      const message = receiver.spans.find(({ spanId }) => spanId === transaction!.parentSpanId)!;
      expect([message.name, message.kind, message.parentSpanId]).to.deep.equal(["message", CONSUMER, undefined]);
      expect(message.links!.map(({ spanId }) => spanId)).to.deep.equal([spans.at(-1)!.spanId]);
      expect(message.attributes["storage.rollup.write.operations"]).to.equal(1);
      const told = spans.map(({ name, attributes }) => {
        expect(name).to.equal("GET");
        return `${String(attributes["url.path"])} ${String(attributes["http.response.status_code"])}`;
      });
      expect(told).to.deep.equal(paths);
    });
  }
});

/** Type, size, writes to the database and `error.type` of each message. */
const MESSAGES = [
  ["text", 3, 1, undefined],
  ["binary", 2, 1, undefined],
  ["text", 5, 1, undefined],
  ["text", 6, 1, undefined],
  ["text", 0, 1, undefined],
  ["text", 5, 1, "RangeError"],
];

describe("a message over a WebSocket", () => {
  const receiver = receiving();

  for (const [version, env, node] of [
    ...SUPPORTED.map((name) => ["8.23.0", {}, nodeOf(name)] as const),
    ["8.23.0", { DEFLATE: "1" }, process.execPath],
    ["8.0.0", {}, process.execPath],
    ["7.5.14", {}, process.execPath],
    ["7.0.0", {}, process.execPath],
  ] as const) {
    const how = [version, ...Object.keys(env), node.match(/\d+\.\d+\.\d+/)?.[0] ?? ""].join(" ");
    it(`is the root of the work of its listeners, which behave as unobserved: ws ${how}`, async () => {
      const app = appWith(["ws", version]);
      const bare = await app.run("messages.cjs", { node, flags: [], env: { ...MODULES, ...env } });
      expect(bare).to.include({ code: 0, stderr: "" });
      const seen = await app.run("messages.cjs", { node, env: { ...receiver.env, ...UNHURRIED, ...MODULES, ...env } });
      expect(seen).to.deep.equal(bare);

      const [upgrade, ...others] = receiver.spans.filter(({ kind }) => kind === "SPAN_KIND_SERVER");
      expect(others).to.deep.equal([]);
      const messages = receiver.spans.filter(({ kind }) => kind === CONSUMER);
      const traces = new Set(receiver.spans.map(({ traceId }) => traceId));
      expect(traces.size).to.equal(receiver.spans.filter(({ parentSpanId }) => parentSpanId === undefined).length);
      const told = messages.map(({ name, parentSpanId, links, attributes, status }) => {
        expect([name, parentSpanId, attributes["network.protocol.name"]]).to.deep.equal([
          "message",
          undefined,
          "websocket",
        ]);
        expect(links!.map(({ spanId }) => spanId)).to.deep.equal([upgrade!.spanId]);
        expect(status.code).to.equal(
          attributes["error.type"] === undefined ? "STATUS_CODE_UNSET" : "STATUS_CODE_ERROR",
        );
        const { "websocket.message.type": type, "websocket.message.size": size } = attributes;
        return [type, size, attributes["storage.rollup.write.operations"], attributes["error.type"]];
      });
      expect(told).to.deep.equal(MESSAGES);
      const parents = receiver.spans
        .filter(({ name }) => name === "transaction memory")
        .map((span) => span.parentSpanId);
      expect(parents.filter((id) => id !== undefined)).to.have.members(messages.map(({ spanId }) => spanId));
    });
  }

  it("has the ids of the request that was upgraded, in a trace of its own", async () => {
    const env = { ...receiver.env, ...MODULES, PINO: join(ROOT, "node_modules/pino") };
    const { stdout } = await appWith(["ws", "8.23.0"]).run("messages.cjs", { env });
    const lines = stdout.split("\n").filter((line) => line.includes("pid"));
    const ids = lines.map((line) => JSON.parse(line) as Record<string, string>).filter(({ msg }) => msg !== "own");
    const spans = receiver.spans.filter(({ kind }) => kind === CONSUMER);
    expect(ids.map(({ trace_id, span_id, correlation_id }) => [trace_id, span_id, correlation_id])).to.deep.equal(
      spans.map(({ traceId, spanId }) => [traceId, spanId, "order-7"]),
    );
  });

  it("has a span that ends after its start, however short it is", async () => {
    const app = appWith(["ws", "8.23.0"]);
    const env = { ...receiver.env, OTEL_BSP_MAX_QUEUE_SIZE: "10000" };
    expect(await app.run("burst.cjs", { env })).to.include({ code: 0, stdout: "3000\n", stderr: "" });
    const messages = receiver.spans.filter(({ kind }) => kind === CONSUMER);
    expect(messages).to.have.length(3_000);
    const ofNoTime = messages.filter((span) => span.endTimeUnixNano <= span.startTimeUnixNano);
    expect(ofNoTime).to.deep.equal([]);
  });

  it("is sampled as a request is", async () => {
    const env = { ...receiver.env, ...MODULES, OTEL_TRACES_SAMPLER: "always_off" };
    const app = appWith(["ws", "8.23.0"]);
    const bare = await app.run("messages.cjs", { flags: [], env: MODULES });
    expect(await app.run("messages.cjs", { env })).to.deep.equal(bare);
    expect(receiver.spans).to.deep.equal([]);
  });
});
