// Writes at every level with three loggers, before and after their levels are changed, and says what the levels are.
const { logger, logLevels, setLogLevel } = require("stratascope");

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
const api = logger("api");
const orders = logger("api.orders");
const db = logger("db");
const writeAll = (n) => {
  for (const each of [api, orders, db]) for (const level of LEVELS) each[level](level, { n });
};

writeAll(1);
setLogLevel("trace", "api.orders");
setLogLevel("off", "db");
setLogLevel("error");
writeAll(2);
setLogLevel(undefined, "api.orders");
writeAll(3);
console.log("levels", JSON.stringify(logLevels()), api.isEnabled("warn"), api.isEnabled("error"), logger("db") === db);
try {
  setLogLevel("loud");
} catch (error) {
  console.log(error.name, error.message);
}
