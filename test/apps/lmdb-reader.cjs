// Holds a snapshot until it is killed.
const { open } = require("lmdb");

const root = open(process.argv[2], {});
root.useReadTransaction();
root.get("a");
process.send("reading");
setInterval(() => {}, 1_000);
