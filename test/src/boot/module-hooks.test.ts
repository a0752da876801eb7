import { expect } from "chai";
import { describe, it } from "mocha";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { defineInstrumentation } from "../../../src/instrument/definition.ts";
import { EngineInstrumentation } from "../../../src/boot/otel-instrumentation.ts";
import { temporaryFolder } from "../../helpers/temp.ts";
import { canHookEsModules } from "../../../src/boot/es-modules.ts";
import { fileInPackage, hookModules } from "../../../src/boot/module-hooks.ts";

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

  it("replaces the functions of an ES module, and leaves what else has their names", async function () {
    if (!canHookEsModules()) this.skip();
    const folder = join(temporaryFolder(), "node_modules/with-functions");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), `{"name":"with-functions","version":"1.0.0","type":"module"}`);
    writeFileSync(
      join(folder, "index.js"),
      `export function one() { return "one"; }
      export const two = () => "two";
      export function untouched() { return "untouched"; }
      export function callsOne() { return one(); }`,
    );
    writeFileSync(join(folder, "main.js"), `export { one, two, untouched, callsOne } from "./index.js";`);
    const functions = ["one", "two", "three", "untouched"];
    const engine = defineInstrumentation({
      id: "with-functions",
      modules: [{ name: "with-functions", file: "index.js", versions: ["1.0.0", "2.0.0"], functions }],
      layers: [],
      patch: () => ({ one: () => "another one", two: () => "another two", three: () => "another three" }),
    });
    hookModules([new EngineInstrumentation(engine)]);
    const { one, two, untouched, callsOne } = (await import(pathToFileURL(join(folder, "main.js")).href)) as Record<
      string,
      () => string
    >;
    expect([one!(), two!(), untouched!(), callsOne!()]).to.deep.equal([
      "another one",
      "two",
      "untouched",
      "another one",
    ]);
  });
});
