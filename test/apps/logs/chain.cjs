// Two services in one process, of which the first asks the second with headers of its own: its second argument. Asks the
// first with the headers of its first argument, and says which ids came back.
const { logger } = require("stratascope");
const { ask, listen } = require("./http.cjs");

const [incoming, outgoing] = process.argv.slice(2).map((text) => JSON.parse(text));
const log = logger("chain");
const answerSecond = (request, response) => {
  const { "x-correlation-id": id, baggage } = request.headers;
  log.info("second", { header: id ?? "none", baggage: baggage ?? "none" });
  response.end();
};
listen(answerSecond, (secondPort, second) => {
  const answerFirst = async (request, response) => {
    log.info("first");
    await ask(secondPort, outgoing);
    response.end();
  };
  listen(answerFirst, async (firstPort, first) => {
    const { headers } = await ask(firstPort, incoming);
    console.log("answer", JSON.stringify([headers["x-correlation-id"] ?? null, headers["x-request-id"] ?? null]));
    first.close();
    second.close();
  });
});
