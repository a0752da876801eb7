/** File of the class whose methods return promises. */
export const PROMISE = "promise.js";

/** File of the native code, in a package for each platform. */
export const NATIVE = "index.node";

/** Packages with native code, as libsql names them: `@libsql/linux-x64-gnu`. */
export const PLATFORMS = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm-gnueabihf",
  "linux-arm-musleabihf",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-x64-msvc",
] as const;
