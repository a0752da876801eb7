// Works as often as its argument says, and ends when its standard input does.
require("./work.cjs")(Number(process.argv[2] ?? 1));
process.stdin.resume().on("end", () => process.exit());
