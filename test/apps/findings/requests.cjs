// Uses a store in spans of one each: everything once, then the same statement often, and not often enough to be a finding.
module.exports = (tracer, store) => {
  tracer.startActiveSpan("request", (span) => {
    store.slow();
    store.blocking();
    store.failing();
    store.repeated(37);
    span.end();
  });
  for (let i = 0; i < 14; i++) {
    tracer.startActiveSpan("short", (span) => {
      store.repeated(12);
      span.end();
    });
  }
  tracer.startActiveSpan("few", (span) => {
    store.repeated(9);
    span.end();
  });
  process.stdin.on("end", () => {}).resume();
};
