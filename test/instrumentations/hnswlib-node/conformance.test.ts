import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import type * as Package from "hnswlib-node";
import { hnswlibNode } from "../../../instrumentations/hnswlib-node/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { needs } from "../../helpers/drivers.ts";
import { copyOf, count } from "../../helpers/observed.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Package;

const vector = (i: number): number[] => [Math.sin(i), Math.cos(i), i % 7];

function filled({ HierarchicalNSW }: Module): Package.HierarchicalNSW {
  const index = new HierarchicalNSW("l2", 3);
  index.initIndex({ maxElements: 50, allowReplaceDeleted: true });
  for (let i = 0; i < 20; i++) index.addPoint(vector(i), i);
  return index;
}

function listed({ BruteforceSearch }: Module): Package.BruteforceSearch {
  const index = new BruteforceSearch("ip", 3);
  index.initIndex(50);
  for (let i = 0; i < 20; i++) index.addPoint(vector(i), i);
  return index;
}

const file = (): string => join(temporaryFolder(), "vectors.hnsw");

describe("hnswlib-node", () => {
  before(async function () {
    await needs("hnswlib-node", this);
  });

  testEngine<Module>(hnswlibNode, {
    observedObjects: ({ HierarchicalNSW, BruteforceSearch }) => [HierarchicalNSW.prototype, BruteforceSearch.prototype],
    // What throws inside of a method ends the process, with and without us.
    throwing({ HierarchicalNSW }, error) {
      const derived = new Proxy(HierarchicalNSW, {
        get() {
          throw error;
        },
      });
      Reflect.construct(HierarchicalNSW, ["l2", 3], derived);
    },
    perform({ HierarchicalNSW }, name, operations) {
      const { [name]: Named = HierarchicalNSW } = { [name]: class extends HierarchicalNSW {} };
      const index = new Named("l2", 3);
      index.initIndex(5);
      index.addPoint(vector(1), 1);
      for (let i = 0; i < operations; i++) index.searchKnn(vector(1), 1);
    },
    operation: "searchKnn",
    exercises: {
      searchKnn: (module) => filled(module).searchKnn(vector(3), 4),
      "searchKnn with a filter": (module) => filled(module).searchKnn(vector(3), 4, (label) => label % 2 === 0),
      "searchKnn before initIndex": ({ HierarchicalNSW }) => new HierarchicalNSW("l2", 3).searchKnn(vector(1), 1),
      "searchKnn of another length": (module) => filled(module).searchKnn([1], 1),
      "searchKnn in a list": (module) => listed(module).searchKnn(vector(3), 4),
      addPoint: (module) => {
        const index = filled(module);
        return [index.addPoint(vector(5), 77), index.getIdsList(), index.getPoint(77)];
      },
      "addPoint of another length": (module) => filled(module).addPoint([1], 77),
      "addPoint beyond the end": ({ HierarchicalNSW }) => {
        const index = new HierarchicalNSW("l2", 3);
        index.initIndex(1);
        index.addPoint(vector(1), 1);
        index.addPoint(vector(2), 2);
      },
      markDelete: (module) => {
        const index = filled(module);
        return [index.markDelete(3), index.searchKnn(vector(3), 1), index.unmarkDelete(3), index.getCurrentCount()];
      },
      "markDelete of nothing": (module) => filled(module).markDelete(77),
      removePoint: (module) => {
        const index = listed(module);
        return [index.removePoint(3), index.getCurrentCount(), index.searchKnn(vector(3), 1)];
      },
      resizeIndex: (module) => {
        const index = filled(module);
        return [index.resizeIndex(70), index.getMaxElements()];
      },
      "writeIndex and readIndex": async (module) => {
        const path = file();
        const index = new module.HierarchicalNSW("l2", 3);
        return [await filled(module).writeIndex(path), await index.readIndex(path), index.getIdsList()];
      },
      "writeIndexSync and readIndexSync": (module) => {
        const path = file();
        const index = new module.BruteforceSearch("ip", 3);
        return [listed(module).writeIndexSync(path), index.readIndexSync(path), index.searchKnn(vector(3), 2)];
      },
      "readIndex from nowhere": ({ HierarchicalNSW }) => new HierarchicalNSW("l2", 3).readIndex("/nowhere/at/all"),
      "new of something else": ({ HierarchicalNSW }) => new HierarchicalNSW("other" as never, 3),
      "a class without new": ({ HierarchicalNSW }) => (HierarchicalNSW as unknown as (space: string) => void)("l2"),
      "a method of another object": ({ HierarchicalNSW }) => HierarchicalNSW.prototype.getEf.call({} as never),
    },
  });

  it("has classes that are as those of the addon", () => {
    const shapes = [false, true].map((isObserved) => {
      const { HierarchicalNSW } = copyOf<Module>("hnswlib-node", isObserved);
      class Derived extends HierarchicalNSW {}
      const [index, derived] = [new HierarchicalNSW("l2", 3), new Derived("l2", 3)];
      const flags = (target: object): object =>
        Object.fromEntries(
          Object.entries(Object.getOwnPropertyDescriptors(target)).map(([key, each]) => [key, { ...each, value: 0 }]),
        );
      return [
        [index instanceof HierarchicalNSW, derived instanceof HierarchicalNSW, derived instanceof Derived],
        [index.constructor === HierarchicalNSW, Object.getPrototypeOf(index) === HierarchicalNSW.prototype],
        [HierarchicalNSW.name, HierarchicalNSW.length, derived.constructor.name, Object.getOwnPropertyNames(index)],
        [flags(HierarchicalNSW), flags(HierarchicalNSW.prototype), Object.keys(HierarchicalNSW.prototype)],
      ];
    });
    expect(shapes[1]).to.deep.equal(shapes[0]);
  });

  it("asks an index for its size neither while it is loaded, nor after a load that failed", async () => {
    const { HierarchicalNSW } = copyOf<Module>("hnswlib-node", true);
    const { Loaded } = { Loaded: class Loaded extends HierarchicalNSW {} };
    const path = file();
    const index = new Loaded("l2", 3);
    index.initIndex(5);
    index.addPoint(vector(1), 1);
    index.writeIndexSync(path);
    const size = (): Promise<number> => count("storage.search.index.document.count", { "db.namespace": "Loaded" });
    expect(await size()).to.equal(1);
    const loading = index.readIndex(path);
    expect(await size()).to.equal(0);
    await loading;
    expect(await size()).to.equal(1);
    const broken = new Loaded("l2", 3);
    expect(() => broken.readIndexSync("/nowhere/at/all")).to.throw("failed to open");
    expect(await size()).to.equal(1);
    expect(await count("storage.restore.duration", { "db.namespace": "Loaded", "error.type": "Error" })).to.equal(1);
    expect(await count("storage.instrumentation.errors", { "storage.driver.name": "hnswlib-node" })).to.equal(0);
  });

  it("has the stack of an error without our frames", () => {
    const [bare, observed] = [false, true].map((isObserved) => {
      const module = copyOf<Module>("hnswlib-node", isObserved);
      const stacks: unknown[] = [];
      for (const call of [() => new module.HierarchicalNSW("other" as never, 3), () => filled(module).addPoint([], 1)])
        try {
          call();
        } catch (error) {
          stacks.push((error as Error).stack);
        }
      return stacks;
    });
    expect(observed).to.deep.equal(bare);
  });
});
