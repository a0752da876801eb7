// Has a logger, and throws in a request.
const { logger } = require("stratascope");
const { ask, listen } = require("./http.cjs");

logger("a");
listen(
  () => {
    throw new Error("in a listener");
  },
  (port) => ask(port, { "x-correlation-id": "c1" }),
);
