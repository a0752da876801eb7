// Handles a request before and one after it registers a provider of its own; says what it can see of the span of each.
const { createServer, get } = require("node:http");
const { trace } = require("@opentelemetry/api");
const { NoopSpanProcessor, TracerProvider } = require("@opentelemetry/sdk-trace");

const said = [];
const server = createServer((_, response) => {
  const { attributes } = trace.getActiveSpan();
  said.push(attributes === undefined ? "nothing" : attributes["url.path"]);
  response.end();
});
const ask = (path) =>
  new Promise((resolve) => {
    get({ host: "127.0.0.1", port: server.address().port, path }, (answer) => answer.resume().on("end", resolve));
  });
server.listen(0, "127.0.0.1", async () => {
  await ask("/before");
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new NoopSpanProcessor()] }));
  await ask("/after");
  console.log(said.join());
  server.close();
  server.closeAllConnections();
});
