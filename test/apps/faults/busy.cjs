// Works until its standard input ends: ends SPANS spans in a turn, and says every hundred turns how much memory it takes.
// With "throws", an observed instrument of its own fails.
const { logs, metrics, trace } = require("@opentelemetry/api");
const tracer = trace.getTracer("app");
const count = metrics.getMeter("app").createCounter("app.turns");
const observed = metrics.getMeter("app").createObservableGauge("app.observed");
if (process.argv[2] === "throws") {
  observed.addCallback(() => {
    throw new Error("broken");
  });
}
let turns = 0;
let isOver = false;
const turn = () => {
  for (let i = 0; i < process.env.SPANS; i++) tracer.startSpan("work", { attributes: { text: "x".repeat(200) } }).end();
  logs.getLogger("app").emit({ body: "turn" });
  count.add(1);
  turns++;
  if (turns % 100 === 0) {
    gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    console.log("turn", turns, heapUsed + arrayBuffers);
  }
  if (isOver) console.log("over", turns);
  else setTimeout(turn, 2);
};
turn();
process.stdin.on("end", () => (isOver = true)).resume();
