import { randomBytes } from "node:crypto";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";

/** Spans of one trace: a request, its transaction, a checkpoint inside and a slow operation. */
export const SPANS_OF_A_TRACE = 4;

const SPAN_ID_BYTES = 8;

/** Requests of OTLP with many traces, encoded once; each copy gets ids of its own. */
export class Load {
  /** In one request. */
  readonly spans: number;
  readonly #body: Buffer;
  readonly #ids: readonly number[];

  /** @param share of the traces, from 0 to 1, of which one operation fails */
  constructor(service: string, traces: number, share = 0) {
    this.spans = traces * SPANS_OF_A_TRACE;
    const { body, ids } = encode(service, traces, share);
    this.#body = body;
    this.#ids = ids.flatMap((id) => occurrences(body, id));
  }

  get bytes(): number {
    return this.#body.length;
  }

  /** The next request: the same traces under other ids. */
  next(): Buffer {
    const body = Buffer.from(this.#body);
    // All ids of one request are changed alike, so spans keep their parents and traces stay apart.
    const change = randomBytes(SPAN_ID_BYTES);
    for (const at of this.#ids) for (let i = 0; i < SPAN_ID_BYTES; i++) body[at + i]! ^= change[i]!;
    return body;
  }
}

function encode(service: string, traces: number, share: number): { body: Buffer; ids: Buffer[] } {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.instance.id": `${service}-1` }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  for (let i = 0; i < traces; i++) record(provider, i < traces * share);
  const spans = exporter.getFinishedSpans();
  const ids = new Set(spans.flatMap((span) => [span.spanContext().traceId, span.spanContext().spanId]));
  return {
    body: Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!),
    ids: [...ids].map((id) => Buffer.from(id, "hex")),
  };
}

/** What stratascope makes of a request that writes. */
function record(provider: TracerProvider, fails: boolean): void {
  const tracer = provider.getTracer("stratascope", "0.1.0");
  const now = Date.now();
  const server = tracer.startSpan(
    "PUT",
    {
      kind: SpanKind.SERVER,
      startTime: now,
      attributes: {
        "http.request.method": "PUT",
        "http.response.status_code": fails ? 409 : 200,
        "url.path": "/entries/94042/note",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": 8080,
        "network.protocol.version": "1.1",
        "storage.rollup.operations": 5,
        "storage.rollup.time": 0.0009,
        "storage.rollup.rows": 3,
      },
    },
    ROOT_CONTEXT,
  );
  const database = { "db.system.name": "sqlite", "db.namespace": "dictionary" };
  const child = (name: string, milliseconds: number, attributes: Record<string, string | number>): void => {
    const context = trace.setSpan(ROOT_CONTEXT, server);
    tracer
      .startSpan(name, { startTime: now, attributes: { ...database, ...attributes } }, context)
      .end(now + milliseconds);
  };
  child("transaction dictionary", 3, { "storage.transaction.mode": "deferred", "storage.transaction.statements": 3 });
  child("checkpoint dictionary", 2, { "storage.checkpoint.mode": "passive", "storage.checkpoint.trigger": "auto" });
  child("UPDATE entries", 2, { "db.operation.name": "UPDATE", "db.collection.name": "entries" });
  if (fails) server.setStatus({ code: SpanStatusCode.ERROR });
  server.end(now + 4);
}

function occurrences(body: Buffer, id: Buffer): number[] {
  const found: number[] = [];
  for (let at = body.indexOf(id); at >= 0; at = body.indexOf(id, at + id.length)) found.push(at);
  return found;
}

/** Sends a request of OTLP. @returns whether it was accepted */
export async function sendTraces(otlpUrl: string, body: Buffer): Promise<boolean> {
  try {
    const response = await fetch(`${otlpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
