// An application that gives the API of OpenTelemetry odd values, with a good one beside each, and says what came back as an error.
const { Worker, isMainThread } = require("node:worker_threads");
const { logs, metrics, trace } = require("@opentelemetry/api");

// In a worker, if that is asked for.
if (isMainThread && process.argv[2] === "worker") return void new Worker(__filename);

const cyclic = { name: "cyclic" };
cyclic.self = cyclic;
let deep = {};
for (let i = 0; i < 100_000; i++) deep = { deep };
let wide = ["leaf"];
for (let i = 0; i < 40; i++) wide = [wide, wide];
const throwing = (text) => () => {
  throw new Error(text);
};
const hostile = (target) =>
  new Proxy(
    target,
    Object.fromEntries(
      ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"].map((trap) => [trap, throwing(trap)]),
    ),
  );
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const VALUES = {
  cyclic,
  deep,
  wide,
  getter: Object.defineProperty({ good: 1 }, "bad", { get: throwing("getter"), enumerable: true }),
  toJSON: { toJSON: throwing("toJSON") },
  toString: {
    toString: throwing("toString"),
    valueOf: throwing("valueOf"),
    [Symbol.toPrimitive]: throwing("toPrimitive"),
  },
  hostile: hostile({ a: 1 }),
  hostileArray: hostile([1]),
  revoked: revoked.proxy,
  huge: "x".repeat(5_000_000),
  manyKeys: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key${i}`, i])),
  longArray: Array.from({ length: 1_000_000 }, () => 1),
  sparse: Object.assign([], { length: 2 ** 32 - 1 }),
  bigint: 2n ** 70n,
  symbol: Symbol("symbol"),
  function: () => {},
  surrogate: "lone \ud800 surrogate",
  date: new Date(NaN),
  map: new Map([[cyclic, 1]]),
  bytes: new Uint8Array(3),
  nan: NaN,
};

/** Milliseconds one call may take on a busy machine. */
const MAX_MS = 5_000;

const failures = [];
const attempt = (what, code) => {
  const start = performance.now();
  try {
    code();
  } catch (error) {
    failures.push(`${what}: ${String(error?.message)}`);
  }
  const duration = performance.now() - start;
  if (duration > MAX_MS) failures.push(`${what}: took ${Math.round(duration)} ms`);
};

const tracer = trace.getTracer("odd");
const logger = logs.getLogger("odd");
const meter = metrics.getMeter("odd");
const instruments = [meter.createCounter("odd.counter"), meter.createUpDownCounter("odd.updown")];
const recorders = [meter.createHistogram("odd.histogram"), meter.createGauge("odd.gauge")];

for (const [name, value] of Object.entries(VALUES)) {
  attempt(`startSpan ${name}`, () =>
    tracer.startSpan(`options ${name}`, { attributes: { odd: value, good: 1 }, links: [{ context: value }] }).end(),
  );
  attempt(`startSpan with ${name}`, () => tracer.startSpan(value, value).end());
  attempt(`startActiveSpan ${name}`, () =>
    tracer.startActiveSpan(`active ${name}`, { attributes: value }, (span) => span.end()),
  );
  const span = trace.getTracer("odd").startSpan(`span ${name}`);
  attempt(`setAttribute ${name}`, () => span.setAttribute("good", 1).setAttribute("odd", value));
  attempt(`setAttribute named ${name}`, () => span.setAttribute(value, 1));
  attempt(`setAttributes ${name}`, () => span.setAttributes(value));
  attempt(`addEvent ${name}`, () => span.addEvent("event", { odd: value }).addEvent(value, value, value));
  attempt(`addLink ${name}`, () =>
    span.addLink({ context: span.spanContext(), attributes: { odd: value } }).addLink(value),
  );
  attempt(`setStatus ${name}`, () => span.setStatus({ code: 2, message: value }).setStatus(value));
  attempt(`updateName ${name}`, () => span.updateName(value).updateName(`span ${name}`));
  attempt(`recordException ${name}`, () => span.recordException(value));
  attempt(`end ${name}`, () => span.end(value));
  attempt(`emit ${name}`, () =>
    logger.emit({ body: value, attributes: { odd: value, good: 1 }, eventName: `record ${name}` }),
  );
  attempt(`emit with ${name}`, () =>
    logger.emit({
      body: "x",
      attributes: value,
      timestamp: value,
      severityNumber: value,
      severityText: value,
      exception: value,
    }),
  );
  attempt(`emit ${name} itself`, () => logger.emit(value));
  for (const each of instruments) attempt(`add ${name}`, () => each.add(1, { odd: value, good: 1 }));
  for (const each of instruments) attempt(`add with ${name}`, () => each.add(value, value));
  for (const each of recorders) attempt(`record ${name}`, () => each.record(1, { odd: value, good: 1 }));
  for (const each of recorders) attempt(`record with ${name}`, () => each.record(value, value));
  attempt(`create ${name}`, () => meter.createCounter(value, value).add(1));
  attempt(`create with ${name}`, () =>
    meter
      .createHistogram(`odd.options.${name}`, {
        description: value,
        unit: value,
        advice: { explicitBucketBoundaries: value },
      })
      .record(1),
  );
  attempt(`tracer of ${name}`, () => trace.getTracer(value, value, value).startSpan(`of ${name}`).end());
  attempt(`logger of ${name}`, () => logs.getLogger(value, value, value).emit({ body: `of ${name}` }));
  attempt(`meter of ${name}`, () => metrics.getMeter(value, value, value).createCounter(`odd.of.${name}`).add(1));
}
const observed = meter.createObservableGauge("odd.observed");
const observedInBatch = meter.createObservableGauge("odd.observed.in.batch");
const observe = (name, code) => {
  try {
    code();
  } catch {
    console.log(JSON.stringify(`observe ${name}`));
  }
};
observed.addCallback((result) => {
  for (const [name, value] of Object.entries(VALUES)) {
    observe(name, () => result.observe(1, { odd: value, good: name }));
    observe(name, () => result.observe(value, value));
  }
});
meter.addBatchObservableCallback(
  (result) => {
    for (const [name, value] of Object.entries(VALUES)) {
      observe(name, () => result.observe(observedInBatch, 1, { odd: value, good: name }));
      observe(name, () => result.observe(value, value, value));
      observe(name, () => result.observe(observedInBatch, value, value));
    }
  },
  [observedInBatch],
);
for (const key of ["", "__proto__", "constructor", "a\nb"]) {
  tracer.startSpan("keys", { attributes: { [key]: 1, good: 1 } }).end();
  logger.emit({ body: "keys", attributes: { [key]: 1, good: 1 } });
  instruments[0].add(1, { [key]: "x", good: 1 });
}
tracer.startSpan("good").end();
logger.emit({ body: "good" });
instruments[0].add(1, { good: 1 });
console.log(JSON.stringify(failures));
// Long enough for all to be sent.
setTimeout(() => {}, 3_000);
