import { DatabaseSync } from "node:sqlite";

new DatabaseSync(":memory:").exec("SELECT 1");
const [, , way] = process.argv;
if (way === "unsettled") await new Promise(() => {});
if (way === "set") process.exitCode = 7;
if (way === "thrown") throw new RangeError("thrown");
