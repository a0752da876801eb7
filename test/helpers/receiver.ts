import { MockOtlpServer, normalizeLogs, normalizeMetrics, normalizeTrace } from "@elastic/mockotlpserver";
import { after, before, beforeEach } from "mocha";

type Attributes = Readonly<Record<string, unknown>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Attributes;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly events?: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly status: { readonly code?: string; readonly message?: string };
  readonly scope: string;
  readonly schemaUrl: string;
  readonly resource: Attributes;
}

export interface ReceivedPoint {
  readonly attributes: Attributes;
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly max?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
}

/** Metric with the points of its latest export. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: "sum" | "gauge" | "histogram" | "exponentialHistogram";
  readonly isMonotonic: boolean;
  readonly temporality: unknown;
  readonly points: readonly ReceivedPoint[];
  readonly scope: string;
  readonly schemaUrl: string;
}

export interface ReceivedLog {
  /** Set for events. */
  readonly eventName?: string;
  readonly body: unknown;
  readonly attributes: Attributes;
  readonly severityText?: string;
  readonly severityNumber?: string | number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly scope: string;
  readonly schemaUrl: string;
}

interface Scoped {
  readonly schemaUrl?: string;
  readonly scope?: { readonly name: string };
}
interface TraceRequest {
  readonly resourceSpans?: {
    readonly resource: { attributes: Attributes };
    readonly scopeSpans: (Scoped & { spans: ReceivedSpan[] })[];
  }[];
}
interface LogRequest {
  readonly resourceLogs?: { readonly scopeLogs: (Scoped & { logRecords: ReceivedLog[] })[] }[];
}
interface RawMetric {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
}
type RawData = {
  readonly dataPoints: ReceivedPoint[];
  readonly aggregationTemporality?: unknown;
  readonly isMonotonic?: boolean;
};
interface MetricRequest {
  readonly resourceMetrics?: {
    readonly resource: { attributes: Attributes };
    readonly scopeMetrics: (Scoped & { metrics: RawMetric[] })[];
  }[];
}

/** Returns the environment with which an application sends all telemetry to an address, over OTLP only. */
export const otlpTo = (endpoint: string): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
});

const METRIC_TYPES = ["sum", "gauge", "histogram", "exponentialHistogram"] as const;

const scopeOf = ({ scope, schemaUrl }: Scoped): { readonly scope: string; readonly schemaUrl: string } => ({
  scope: scope?.name ?? "",
  schemaUrl: schemaUrl ?? "",
});

function readMetric(metric: RawMetric): Omit<ReceivedMetric, "scope" | "schemaUrl"> {
  const type = METRIC_TYPES.find((name) => name in metric)!;
  const data = (metric as unknown as Record<string, RawData>)[type]!;
  return {
    name: metric.name,
    unit: metric.unit ?? "",
    description: metric.description ?? "",
    type,
    isMonotonic: data.isMonotonic ?? false,
    temporality: data.aggregationTemporality,
    // A point without attributes may come without the field.
    points: data.dataPoints.map((point) => ({ ...point, attributes: point.attributes ?? {} })),
  };
}

/** OTLP receiver by a third party, on loopback. */
export class Receiver {
  readonly spans: ReceivedSpan[] = [];
  readonly logs: ReceivedLog[] = [];
  /** One entry for each metric of each export, in the order of arrival. */
  readonly metrics: ReceivedMetric[] = [];
  /** The `content-type` of each request. */
  readonly contentTypes: string[] = [];
  resource: Attributes = {};
  /** Resource of each export of metrics. */
  readonly resources: Attributes[] = [];
  // Receivers of one process share a channel and cannot leave it, so one listens only from its start to its close.
  #server: MockOtlpServer | undefined;

  /** @param port the port to listen on; by default a free one */
  start(port = 0): Promise<void> {
    const whileOpen =
      <T>(receive: (request: T) => void) =>
      (request: T): void => {
        if (this.#server !== undefined) receive(request);
      };
    this.#server = new MockOtlpServer({
      services: ["http"],
      httpHostname: "127.0.0.1",
      httpPort: port,
      logLevel: "fatal",
      onTrace: whileOpen((request) => this.#trace(normalizeTrace(request) as TraceRequest)),
      onMetrics: whileOpen((request) => this.#metrics(normalizeMetrics(request) as MetricRequest)),
      onLogs: whileOpen((request) => this.#logs(normalizeLogs(request) as LogRequest)),
      onRequest: whileOpen(({ headers }) => void this.contentTypes.push(String(headers["content-type"]))),
    });
    return this.#server.start();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  clear(): void {
    for (const list of [this.spans, this.logs, this.metrics, this.resources, this.contentTypes]) list.length = 0;
  }

  /** Returns the environment with which an application sends all telemetry here, over OTLP only. */
  get env(): Record<string, string> {
    return otlpTo(this.#server!.httpUrl!.origin);
  }

  /** Returns the latest export of each metric, by name. */
  get latest(): ReadonlyMap<string, ReceivedMetric> {
    return new Map(this.metrics.map((metric) => [metric.name, metric]));
  }

  #trace({ resourceSpans = [] }: TraceRequest): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      this.resource = resource.attributes;
      for (const { spans, ...scoped } of scopeSpans) {
        this.spans.push(...spans.map((span) => ({ ...span, ...scopeOf(scoped), resource: resource.attributes })));
      }
    }
  }

  #metrics({ resourceMetrics = [] }: MetricRequest): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      this.resource = resource.attributes;
      this.resources.push(resource.attributes);
      for (const { metrics, ...scoped } of scopeMetrics)
        this.metrics.push(...metrics.map((metric) => ({ ...readMetric(metric), ...scopeOf(scoped) })));
    }
  }

  #logs({ resourceLogs = [] }: LogRequest): void {
    for (const { scopeLogs } of resourceLogs) {
      for (const { logRecords, ...scoped } of scopeLogs) {
        this.logs.push(...logRecords.map((record) => ({ ...record, ...scopeOf(scoped) })));
      }
    }
  }
}

/** Starts a receiver for the tests of a suite, and clears it before each of them. */
export function receiving(): Receiver {
  const receiver = new Receiver();
  before(() => receiver.start());
  beforeEach(() => receiver.clear());
  after(() => receiver.close());
  return receiver;
}
