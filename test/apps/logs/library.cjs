// Writes with the log library that is its first argument, from the folder that is its second.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [, , name, folder] = process.argv;
require("./library-records.cjs")(name, createRequire(join(folder, "index.js"))(name));
