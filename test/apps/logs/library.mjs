// Imports the log library that is its first argument, from the folder that is its second, and writes with it.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import write from "./library-records.cjs";

const [, , name, folder] = process.argv;
const { default: library } = await import(pathToFileURL(createRequire(join(folder, "index.js")).resolve(name)));
write(name, library);
