import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { betweenFolders, circles, importsOf, REGISTRY, upward, withRules, type Import } from "./floors.ts";

const SOURCES = ["src/**/*.ts", "instrumentations/**/*.ts", "semconv/**/*.ts", "collector-config/**/*.ts"];

const edges = (...pairs: string[]): Import[] =>
  pairs.map((pair) => ({ from: pair.split(" ")[0]!, to: pair.split(" ")[1]! }));

describe("the floors of the sources", () => {
  const imports = importsOf(SOURCES).filter(({ from }) => !from.endsWith("/example.ts"));

  it("are found with imports of values, types and `typeof import()`", () => {
    const { length } = imports;
    expect(length).to.be.above(1_000);
    expect(imports).to.deep.include({ from: "src/boot/start.ts", to: "src/runtime/thread.ts" });
    expect(imports).to.deep.include({ from: "src/alerts/index.ts", to: "src/alerts/rule.ts" });
    expect(imports).to.deep.include({ from: "src/sdk/index.ts", to: "src/sdk/metrics.ts" });
  });

  it("report upward imports and circles", () => {
    expect(upward(edges("src/runtime/guard.ts src/metrics/registry.ts", "src/sdk/a.ts src/sdk/b.ts"))).to.have.length(
      1,
    );
    expect(upward(edges("src/health/a.ts src/alerts/b.ts", "src/health/a.ts src/stray.ts"))).to.have.length(2);
    expect(circles(edges("a b", "b c", "c a", "c d", "d e", "e d", "f a"))).to.deep.equal([
      ["a", "b", "c"],
      ["d", "e"],
    ]);
  });

  it("are respected by every import", () => {
    expect(upward(imports).map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([]);
  });

  it("let the registry import nothing from outside", () => {
    const ofRegistry = imports.filter(({ from }) => from.startsWith(`${REGISTRY}/`));
    expect(ofRegistry).to.have.length.above(5);
    expect(ofRegistry.filter(({ to }) => !to.startsWith(`${REGISTRY}/`))).to.deep.equal([]);
  });

  it("have no circle of files or folders", () => {
    expect(circles(imports)).to.deep.equal([]);
    const onFloors = imports.filter(({ from }) => /^(?:src|instrumentations)\//.test(from));
    expect(circles(betweenFolders(onFloors))).to.deep.equal([]);
  });

  it("match the rules of the linter", () => {
    const config = readFileSync(join(import.meta.dirname, "../../.oxlintrc.json"), "utf8");
    expect(JSON.parse(config)).to.deep.equal(JSON.parse(withRules(config)));
  });
});
