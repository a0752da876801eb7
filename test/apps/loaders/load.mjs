// As require-in-the-middle and mocks do.
import Module from "node:module";

const { _load, _resolveFilename } = Module;
Module._load = function load(...args) {
  return _load.apply(this, args);
};
Module._resolveFilename = function resolve(...args) {
  return _resolveFilename.apply(this, args);
};
