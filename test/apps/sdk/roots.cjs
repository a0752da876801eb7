// Starts 2000 traces, with the same ids each time, so that the share that is recorded is always the same.
let state = 42;
Math.random = () => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const tracer = require("@opentelemetry/api").trace.getTracer("app");
for (let i = 0; i < 2000; i++) tracer.startSpan("root").end();
