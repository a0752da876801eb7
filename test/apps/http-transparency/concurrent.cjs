// Many requests at once, each of which has to find its own trace after every wait.
const http = require("node:http");
const { context, trace } = require("@opentelemetry/api");
const traceId = () => trace.getSpan(context.active()).spanContext().traceId;
const wrong = [];
const check = (expected, where) => {
  if (traceId() !== expected) wrong.push(where);
};
const back = http.createServer((incoming, response) => incoming.pipe(response));
const server = http.createServer((incoming, response) => {
  const mine = incoming.headers.traceparent.split("-")[1];
  check(mine, "listener");
  let body = "";
  incoming.on("data", (chunk) => {
    check(mine, "data");
    body += chunk;
  });
  incoming.on("end", async () => {
    check(mine, "end");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    check(mine, "timer");
    const call = http.request({ host: "127.0.0.1", port: back.address().port, method: "POST", agent }, (answer) => {
      check(mine, "response");
      answer.on("data", () => check(mine, "response data"));
      answer.on("end", () => {
        check(mine, "response end");
        response.end(body);
      });
    });
    call.on("socket", () => check(mine, "socket"));
    call.end(body);
  });
  response.on("finish", () => check(mine, "finish"));
  response.on("close", () => check(mine, "close"));
});
const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
const outside = new http.Agent({ keepAlive: true, maxSockets: 10 });
const ask = (i) =>
  new Promise((resolve, reject) => {
    const traceparent = `00-${String(i).padStart(32, "a")}-b7ad6b7169203331-01`;
    const { port } = server.address();
    // As a client that carries no trace of ours: the header is its own.
    const call = http.request({
      host: "127.0.0.1",
      port,
      method: "POST",
      agent: outside,
      headers: ["host", "a", "transfer-encoding", "chunked", "traceparent", traceparent],
    });
    call.on("response", (response) => response.resume().on("end", resolve)).on("error", reject);
    call.end("body of " + i);
  });
back.listen(0, "127.0.0.1", () =>
  server.listen(0, "127.0.0.1", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i)));
    console.log("wrong:", [...new Set(wrong)].join());
    process.exit();
  }),
);
