// Uses the loggers of another copy of the package, the path of whose core is its argument.
const { logger } = require("stratascope");

const other = require(process.argv[2]);
console.log(other.logger("a") === logger("a"));
other.setLogLevel("error", "a");
logger("a").warn("no");
other.logger("a").error("yes");
