// A preload that sees each file that is loaded after it: see `loaded()`.
const files = [];
require("node:module").registerHooks({
  load(url, context, next) {
    files.push(url);
    return next(url, context);
  },
});
globalThis.loaded = () => ({
  files: files.filter((url) => url.startsWith("file:")),
  builtIn: process.moduleLoadList.filter((each) => /^NativeModule [^/]+$/.test(each)).map((each) => each.slice(13)),
});
