import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { METRIC_HTTP_CLIENT_REQUEST_DURATION, METRIC_HTTP_SERVER_REQUEST_DURATION } from "../../semconv/index.ts";
import { App, ROOT } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedMetric, type ReceivedSpan } from "../helpers/receiver.ts";

/** What a span says, without what differs from run to run. */
interface Said {
  name: string;
  status: string | undefined;
  parent: string | undefined;
  attributes: Record<string, unknown>;
  events: unknown[];
}

interface Heard {
  readonly spans: ReadonlyMap<string, Said>;
  readonly metrics: ReadonlyMap<string, number>;
  readonly forms: unknown;
  readonly output: Readonly<Record<"stdout" | "stderr", string>>;
}

type Event = { readonly name: string; readonly attributes: Record<string, unknown> };
/** What is empty is not sent. */
type FullSpan = Pick<ReceivedSpan, "spanId" | "parentSpanId" | "name" | "kind"> & {
  readonly attributes?: ReceivedSpan["attributes"];
  readonly events?: readonly Event[];
  readonly status?: { readonly code?: string; readonly message?: string };
};

/** Ports of loopback are different ones each time. */
const withoutPorts = (value: unknown): unknown =>
  typeof value === "string" ? value.replace(/127\.0\.0\.1:\d{4,}/g, "127.0.0.1:*") : value;
const withoutPort = ([key, value]: [string, unknown]): [string, unknown] => [
  key,
  key.endsWith(".port") && Number(value) > 9999 ? "*" : withoutPorts(value),
];
const lasting = (attributes: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes)
      .map(withoutPort)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The target of a request, which names it, in the one spelling of the parsers of Node.js, and the side it was seen from. */
function keyOf({ attributes = {}, kind, name }: FullSpan): string {
  const side = kind.replace("SPAN_KIND_", "").toLowerCase();
  const { "url.full": full, "url.path": path, "url.query": query = "" } = attributes;
  if (typeof full !== "string" && typeof path !== "string") return name;
  const url = new URL(
    typeof full === "string" ? full : `http://host/${String(path).replace(/^\//, "")}?${String(query)}`,
  );
  const parameters = url.searchParams.toString();
  return `${side} ${url.pathname}${parameters && `?${parameters}`}`;
}

function said(spans: readonly FullSpan[]): Map<string, Said> {
  const names = new Map(spans.map((span) => [span.spanId, keyOf(span)]));
  const described = spans.map((span): [string, Said] => {
    const { name, status = {}, attributes = {}, events = [], parentSpanId } = span;
    const failed = status.code?.includes("ERROR") === true;
    return [
      keyOf(span),
      {
        name,
        status: failed ? `error ${String(withoutPorts(status.message ?? ""))}`.trim() : undefined,
        parent: parentSpanId ? (names.get(parentSpanId) ?? parentSpanId) : undefined,
        attributes: lasting(attributes),
        events: events.map((event) => {
          const { "exception.stacktrace": stack, ...rest } = event.attributes;
          return { name: event.name, attributes: lasting(rest), hasStack: typeof stack === "string" };
        }),
      },
    ];
  });
  const keys = described.map(([key]) => key);
  expect(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    "paths that were asked for twice",
  ).to.deep.equal([]);
  return new Map(described.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function counted(receiver: Receiver): Map<string, number> {
  const points = DURATIONS.flatMap((name) =>
    receiver.latest
      .get(name)!
      .points.map((point): [string, number] => [seriesOf(name, point.attributes), Number(point.count)]),
  );
  return summed(points);
}

/** The attributes of the durations. */
const COUNTED_BY: Readonly<Record<string, readonly string[]>> = {
  "http.server.request.duration": METRIC_HTTP_SERVER_REQUEST_DURATION.attributes,
  "http.client.request.duration": METRIC_HTTP_CLIENT_REQUEST_DURATION.attributes,
};

function seriesOf(name: string, attributes: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(lasting(attributes)).filter(([key]) => COUNTED_BY[name]!.includes(key));
  return [name, ...own.map(([key, value]) => `${key}=${String(value)}`)].join(" ");
}

/** The series that requests with these spans are counted in. */
function countedBySpans(spans: ReadonlyMap<string, Said>): Map<string, number> {
  const sides = [...spans].filter(([key]) => /^(server|client) /.test(key));
  return summed(
    sides.map(([key, { attributes }]) => [seriesOf(`http.${key.split(" ")[0]!}.request.duration`, attributes), 1]),
  );
}

function summed(counts: readonly (readonly [string, number])[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const DURATIONS = ["http.server.request.duration", "http.client.request.duration"];

/** What the durations are, apart from what was counted. */
const forms = ({ latest }: Receiver): unknown =>
  DURATIONS.map((name) => {
    const { unit, description, type, temporality, points } = latest.get(name) as ReceivedMetric;
    return { unit, description, type, temporality, bounds: points[0]?.explicitBounds };
  });

/** Runs the traffic. @returns what was said of it */
async function hear(http: string, node: string = process.execPath): Promise<Heard> {
  const receiver = new Receiver();
  await receiver.start();
  const env = { ...receiver.env, STRATASCOPE_HTTP: http };
  const traffic = join(ROOT, "test/helpers/http-traffic.ts");
  const flags = [
    "--experimental-strip-types",
    "--disable-warning=ExperimentalWarning",
    "--require",
    join(ROOT, "register"),
  ];
  const { code, stderr, stdout } = await new App({}).run(traffic, { env, flags, node });
  await receiver.close();
  expect(code).to.equal(0);
  return {
    spans: said(receiver.spans),
    metrics: counted(receiver),
    forms: forms(receiver),
    output: { stdout, stderr },
  };
}

/** What of a span of theirs is something else with us; null where there is none. */
type Change = {
  readonly name?: string;
  readonly status?: string | undefined;
  readonly attributes?: Record<string, unknown>;
  readonly events?: unknown[];
} | null;

const errorType = (type: string): Change => ({ attributes: { "error.type": type } });
const GIVEN_UP: Change = { status: undefined, events: [], attributes: { "error.type": undefined } };
const LOST = { status: "error", attributes: { "error.type": "ECONNRESET" } };
const NEVER_ANSWERED = {
  status: "error",
  attributes: { "error.type": "ECONNRESET", "http.response.status_code": undefined },
};

/** Every difference there is, on purpose, and why. */
const DIFFERENCES: readonly { readonly why: string; readonly spans: Readonly<Record<string, Change>> }[] = [
  {
    why: "The code of an error tells what happened; its class is `Error` for nearly all of them.",
    spans: {
      "client /bad/broken": errorType("ECONNRESET"),
      "client /bad/hangUp": errorType("ECONNRESET"),
      "client /bad/nonsense": errorType("HPE_INVALID_CONSTANT"),
      "client /refused": errorType("ECONNREFUSED"),
      "client /reset": errorType("ECONNRESET"),
      "client /unknown-host": errorType("ENOTFOUND"),
    },
  },
  {
    why: "A response that did not arrive whole is no success, on either side.",
    spans: { "client /bad/truncated": LOST, "client /cut": LOST, "server /cut": LOST, "server /half": LOST },
  },
  {
    why: "The convention: a request that its caller gives up has not failed.",
    spans: {
      "client /slow?aborted=": GIVEN_UP,
      "client /throws": GIVEN_UP,
    },
  },
  {
    why: "A time that is over is the reason, and giving up because of it only what follows.",
    spans: {
      "client /slow?signal=": {
        status: "error The operation was aborted due to timeout",
        attributes: { "error.type": "TimeoutError" },
        events: [
          {
            name: "exception",
            attributes: {
              "exception.message": "The operation was aborted due to timeout",
              "exception.type": "TimeoutError",
            },
            hasStack: true,
          },
        ],
      },
    },
  },
  {
    why: "A response that was never begun has no status; 200 is only what Node.js would have sent.",
    spans: {
      "server /reset": NEVER_ANSWERED,
      "server /slow": NEVER_ANSWERED,
      "server /slow?aborted=": NEVER_ANSWERED,
      "server /slow?signal=": NEVER_ANSWERED,
      "server /slow?timeout=": NEVER_ANSWERED,
    },
  },
  {
    why: "An error after the response was sent does not take its status away.",
    spans: {
      "server /late-write": {
        attributes: { "error.type": "ERR_STREAM_WRITE_AFTER_END", "http.response.status_code": 200 },
      },
    },
  },
  {
    why: "An upgrade has a response as well.",
    spans: {
      "client /upgrade": {
        attributes: {
          "http.response.status_code": 101,
          "network.peer.address": "127.0.0.1",
          "network.peer.port": "*",
          "network.protocol.version": "1.1",
        },
      },
    },
  },
  {
    why: "The convention: a method that is none of the known ones is called HTTP in the name of a span.",
    spans: { "client /purge": { name: "HTTP" }, "server /purge": { name: "HTTP" } },
  },
  {
    why: "Node.js sends methods in upper case, whatever it was given; what was sent is told.",
    spans: { "client /lower": { attributes: { "http.request.method_original": undefined } } },
  },
  {
    why: "A call that throws makes no request.",
    spans: { "client /not%20allowed": null },
  },
  {
    why: "Credentials are no part of a request's target; that there were any is not told.",
    spans: { "client /userinfo": { attributes: { "url.full": "http://127.0.0.1:*/userinfo" } } },
  },
  {
    why: "Express leaves the route on the request, and Fastify publishes it; no instrumentation of theirs is needed.",
    spans: {
      "server /express": { name: "GET /express/:id", attributes: { "http.route": "/express/:id" } },
      "server /fastify": { name: "GET /fastify/:id", attributes: { "http.route": "/fastify/:id" } },
    },
  },
  {
    why: "Headers in an array arrive as they are; theirs become headers called 0, 1, 2 and 3.",
    spans: { "server /headers-array": { attributes: { "server.address": "localhost", "server.port": 80 } } },
  },
  {
    why: "The convention: the scheme is the one the client used, where a proxy tells it.",
    spans: {
      "server /forwarded": { attributes: { "url.scheme": "https" } },
      "server /x-forwarded": { attributes: { "url.scheme": "https" } },
    },
  },
  {
    why: "The target and the query are told as they were written.",
    spans: {
      "client /slow?aborted=": { attributes: { "url.full": "http://127.0.0.1:*/slow?aborted" } },
      "client /slow?signal=": { attributes: { "url.full": "http://127.0.0.1:*/slow?signal" } },
      "client /slow?timeout=": { attributes: { "url.full": "http://127.0.0.1:*/slow?timeout" } },
      "client /string?a=1&b=two+words": { attributes: { "url.full": "http://127.0.0.1:*/string?a=1&b=two%20words" } },
      "server /*": { attributes: { "url.path": "*" } },
      "server /chunked?piped=": { attributes: { "url.query": "piped" } },
      "server /secret?sig=REDACTED&AWSAccessKeyId=REDACTED&q=+": {
        attributes: { "url.query": "sig=REDACTED&AWSAccessKeyId=REDACTED&q=%20" },
      },
      "server /slow?aborted=": { attributes: { "url.query": "aborted" } },
      "server /slow?signal=": { attributes: { "url.query": "signal" } },
      "server /slow?timeout=": { attributes: { "url.query": "timeout" } },
      "server /string?a=1&b=two+words": { attributes: { "url.query": "a=1&b=two%20words" } },
    },
  },
  {
    why: "Of several hosts that proxies were asked for, the first is the one the client asked for.",
    spans: { "server /x-forwarded-hosts": { attributes: { "server.address": "shop.example" } } },
  },
];

/** Spans that they do not make, and why: an upgrade is a request that is served. */
const MORE: Readonly<Record<string, Said>> = {
  "server /upgrade": {
    name: "GET",
    status: undefined,
    parent: "client /upgrade",
    events: [],
    attributes: {
      "client.address": "127.0.0.1",
      "http.request.method": "GET",
      "http.response.status_code": 101,
      "network.peer.address": "127.0.0.1",
      "network.peer.port": "*",
      "network.protocol.version": "1.1",
      "server.address": "127.0.0.1",
      "server.port": "*",
      "url.path": "/upgrade",
      "url.scheme": "http",
    },
  },
};

/** Their spans with the differences made. */
function changed(theirs: ReadonlyMap<string, Said>): Map<string, Said> {
  const spans = new Map(theirs);
  for (const [key, change] of DIFFERENCES.flatMap((difference) => Object.entries(difference.spans))) {
    const span = spans.get(key);
    expect(span, key).not.to.equal(undefined);
    if (change === null) spans.delete(key);
    else {
      const attributes = { ...span!.attributes, ...change.attributes };
      const kept = Object.entries(attributes).filter(([, value]) => value !== undefined);
      spans.set(key, { ...span!, ...change, attributes: Object.fromEntries(kept) });
    }
  }
  for (const [key, span] of Object.entries(MORE)) spans.set(key, span);
  return new Map([...spans].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Versions of Node.js word their errors in their own way. */
const withoutWords = ({ status, events, ...rest }: Said): unknown => ({
  ...rest,
  failed: status !== undefined,
  events: events.length,
});

describe("HTTP, beside @opentelemetry/instrumentation-http", () => {
  let ours: Heard;
  let theirs: Heard;

  before(async () => {
    [ours, theirs] = [await hear("on"), await hear("instrumentation-http")];
  });

  it("reports every request the same, except for the listed differences", () => {
    const expected = changed(theirs.spans);
    expect([...ours.spans.keys()]).to.deep.equal([...expected.keys()]);
    for (const [key, span] of ours.spans) expect(span, key).to.deep.equal(expected.get(key));
  });

  it("counts every request with the attributes of its span", () => {
    const expected = countedBySpans(ours.spans);
    // One came in a trace that is not recorded.
    const unrecorded = {
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "network.protocol.version": "1.1",
      "url.scheme": "http",
    };
    const series = seriesOf("http.server.request.duration", unrecorded);
    expected.set(series, expected.get(series)! + 1);
    expect(Object.fromEntries(ours.metrics)).to.deep.equal(Object.fromEntries(expected));
  });

  it("counts in the same form", () => {
    expect(ours.forms).to.deep.equal(theirs.forms);
  });

  it("does not change the application", () => {
    expect(ours.output).to.deep.equal({ stdout: theirs.output.stdout, stderr: "" });
  });

  for (const version of SUPPORTED) {
    it(`reports the same on Node.js ${version}`, async () => {
      const there = await hear("on", nodeOf(version));
      expect(there.output).to.deep.equal(ours.output);
      expect(Object.fromEntries(there.metrics)).to.deep.equal(Object.fromEntries(ours.metrics));
      for (const [key, span] of ours.spans)
        expect(withoutWords(there.spans.get(key)!), key).to.deep.equal(withoutWords(span));
    });
  }
});
