// As pirates does.
import Module from "node:module";

const { ".js": load } = Module._extensions;
Module._extensions[".js"] = function transform(module, file) {
  const { _compile } = module;
  module._compile = function compile(source, ...rest) {
    module._compile = _compile;
    return module._compile(`${source}\n//`, ...rest);
  };
  return load(module, file);
};
