// As ts-node and tsx do.
import { readFileSync } from "node:fs";
import Module from "node:module";

Module._extensions[".js"] = function load(module, file) {
  module._compile(readFileSync(file, "utf8"), file);
};
