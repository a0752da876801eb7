import { expect } from "chai";
import { describe, it } from "mocha";
import { canHookEsModules } from "../../../src/boot/es-modules.ts";
import { fileInPackage } from "../../../src/boot/module-hooks.ts";

describe("the loader", () => {
  for (const [path, file] of [
    ["/app/node_modules/better-sqlite3/lib/database.js", "better-sqlite3/lib/database.js"],
    ["C:\\app\\node_modules\\better-sqlite3\\lib\\database.js", "better-sqlite3/lib/database.js"],
    ["file:///C:/app/node_modules/@scope/name/index.mjs", "@scope/name/index.mjs"],
    ["/app/node_modules/.pnpm/pino@10.4.0/node_modules/pino/pino.js", "pino/pino.js"],
    ["/app/node_modules/pino/lib/proto.js?namespace=1", "pino/lib/proto.js"],
    ["/app/node_modules.js", undefined],
    [".", undefined],
  ] as const) {
    it(`finds the file of a package in ${path}`, () => expect(fileInPackage(path)).to.equal(file));
  }

  it("hooks ES modules if that changes nothing else", () => {
    const versions = [
      "22.15.0",
      "22.22.2",
      "22.22.3",
      "22.23.0",
      "23.11.0",
      "24.11.0",
      "24.11.1",
      "25.0.0",
      "26.0.0",
      "27.1.0",
    ];
    expect(versions.filter((version) => canHookEsModules(version))).to.deep.equal([
      "22.22.3",
      "22.23.0",
      "24.11.1",
      "26.0.0",
      "27.1.0",
    ]);
  });
});
