/**
 * Puts an engine through its layers inside one request, and says how much of each there was:
 * `node main.mjs ./tidepool.ts FOLDER`.
 */
import { trace } from "@opentelemetry/api";

const [, , module, folder, ...rest] = process.argv;
const { exercise } = await import(module);

const expected = await trace.getTracer("app").startActiveSpan("request", async (span) => {
  try {
    return await exercise(folder, ...rest);
  } finally {
    span.end();
  }
});
console.log(`EXPECTED ${JSON.stringify(expected)}`);
