// Gives a logger whatever an application can give it.
const { logger } = require("stratascope");

const log = logger("odd");
const cycle = {};
cycle.self = cycle;
log.info("values", {
  big: 1n,
  symbol: Symbol("s"),
  none: undefined,
  call() {},
  date: new Date(0),
  not: NaN,
  cycle,
  map: new Map(),
  nested: { error: new Error("e"), big: 2n },
  hostile: {
    toJSON() {
      throw new RangeError("x");
    },
  },
});
log.info("names", { level: "mine", message: "mine", trace_id: "mine", service: "mine" });
log.info("no object", 7);
log.info({ not: "text" });
log.info();
log.info("null", null);
log.error("error", { error: "a text" });
log.info("getter", {
  get boom() {
    throw new Error("boom");
  },
});
log.info("after");
