// A preload under which the disk has no room for a file of the spool.
const fs = require("node:fs");
const { writeFileSync } = fs;
fs.writeFileSync = (file, ...rest) => {
  if (typeof file !== "number") return writeFileSync(file, ...rest);
  fs.writeSync(file, "half of a li");
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
};
require("node:module").syncBuiltinESMExports();
