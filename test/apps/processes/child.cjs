// Works as often as its argument says, and ends when its parent disconnects.
require("./work.cjs")(Number(process.argv[2]));
process.send("worked");
process.on("disconnect", () => process.exit());
