import { createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import { JsonLogsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Ring } from "../../../src/threads/ring-buffer.ts";
import {
  packRecord,
  packSpan,
  unpackRecord,
  unpackSpan,
  type PackedRecord,
  type PackedSpan,
} from "../../../src/threads/serialize.ts";

const resource = resourceFromAttributes({ "service.name": "shop" });
const ORIGIN = { "thread.id": 3, "thread.name": "indexer" };

const remote = {
  traceId: "1".repeat(32),
  spanId: "2".repeat(16),
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
  traceState: createTraceState("a=1,b=2"),
};

/** Through the memory of two threads. */
function carried<T>(value: T): T {
  const ring = new Ring();
  ring.write(value);
  return ring.read() as T;
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString();

/** Without what only the one from another thread has. */
function withoutOrigin(request: string): unknown {
  const isOrigin = (value: { readonly key?: string }): boolean => value.key?.startsWith("thread.") === true;
  return JSON.parse(request, (_, value: unknown) =>
    Array.isArray(value) ? value.filter((item: object) => !isOrigin(item)) : value,
  );
}

describe("a span that goes from thread to thread", () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer("app", "1.0", { schemaUrl: "https://example.com/schema" });
  const spans = {
    "a root": () => tracer.startSpan("root", { root: true, startTime: [1_700_000_000, 999_999_999] }),
    "one with everything": () => {
      const span = tracer.startSpan(
        "work",
        {
          kind: SpanKind.SERVER,
          attributes: { size: 3, ratio: NaN, name: "ä", tags: ["a", "b"], flags: [true] },
          links: [{ context: remote, attributes: { why: "batch" } }],
        },
        trace.setSpanContext(ROOT_CONTEXT, remote),
      );
      span.addEvent("started", { at: 1 });
      span.recordException(new TypeError("broken"));
      return span.setStatus({ code: SpanStatusCode.ERROR, message: "sold out" });
    },
  };
  for (const [what, make] of Object.entries(spans)) {
    it(`is exported as in one thread: ${what}`, () => {
      exporter.reset();
      make().end();
      const [span] = exporter.getFinishedSpans();
      const other = unpackSpan(carried<PackedSpan>(packSpan(span!)), ORIGIN, resource);
      const [here, there] = [span!, other].map((each) => text(JsonTraceSerializer.serializeRequest([each])));
      expect(withoutOrigin(there!)).to.deep.equal(JSON.parse(here!));
      expect(other.duration).to.deep.equal(span!.duration);
      expect(other.attributes).to.include(ORIGIN);
    });
  }

  it("keeps the thread that its creator has set", () => {
    exporter.reset();
    tracer.startSpan("of", { attributes: { "thread.id": 9 } }).end();
    const [span] = exporter.getFinishedSpans();
    expect(unpackSpan(packSpan(span!), ORIGIN, resource).attributes).to.deep.equal({ ...ORIGIN, "thread.id": 9 });
  });
});

describe("a log record that goes from thread to thread", () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger("app");
  for (const [what, record] of Object.entries({
    "an empty one": {},
    "one with everything": {
      eventName: "sold",
      severityNumber: 9,
      severityText: "INFO",
      body: { bytes: new Uint8Array([1, 2]), list: [1, null, "a"], deep: { yes: true } },
      attributes: { size: 1, none: undefined, map: { a: 1 } },
      context: trace.setSpanContext(ROOT_CONTEXT, remote),
      exception: new TypeError("broken"),
    },
  })) {
    it(`is exported as in one thread: ${what}`, () => {
      exporter.reset();
      logger.emit(record);
      const [made] = exporter.getFinishedLogRecords();
      const other = unpackRecord(carried<PackedRecord>(packRecord(made!)), ORIGIN, resource);
      const [here, there] = [made!, other].map((each) => text(JsonLogsSerializer.serializeRequest([each])));
      expect(withoutOrigin(there!)).to.deep.equal(JSON.parse(here!));
      expect(other.attributes).to.include(ORIGIN);
    });
  }
});
