import { join } from "node:path";
import type * as Package from "usearch";
import { usearch } from "../../../instrumentations/usearch/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Module = typeof Package;

const vectorsOf = (count: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(i * 7.3));

const OPTIONS = { dimensions: 3, metric: "l2sq" as Package.MetricKind };

const filled = ({ Index }: Module): Package.Index => {
  const index = new Index(OPTIONS as never);
  index.add(
    BigUint64Array.from({ length: 20 }, (_, i) => BigInt(i)),
    vectorsOf(20),
    1,
  );
  return index;
};

const saved = (module: Module): string => {
  const file = join(temporaryFolder(), "vectors.usearch");
  filled(module).save(file);
  return file;
};

testEngine<Module>(usearch, {
  observedObjects: ({ Index }) => [Index.prototype],
  throwing(module, error) {
    const keys = {
      get length(): number {
        throw error;
      },
    };
    filled(module).search([keys] as never, 1, 1);
  },
  perform({ Index }, name, operations) {
    const { [name]: Named = Index } = { [name]: class extends Index {} };
    const index = new Named(OPTIONS as never);
    for (let i = 0; i < operations; i++) index.search(vectorsOf(1), 1, 1);
  },
  operation: "search",
  exercises: {
    search: (module) => filled(module).search(vectorsOf(1), 3, 1),
    "search of several": (module) => {
      const { keys, counts } = filled(module).search(vectorsOf(2), 3, 1) as Package.BatchMatches;
      return [keys, counts];
    },
    "search for none": (module) => filled(module).search(vectorsOf(1), 0, 1),
    "search of another length": (module) => filled(module).search(new Float32Array(2), 1, 1),
    add: (module) => {
      const index = filled(module);
      return [index.add(77n, vectorsOf(1), 1), index.size(), index.contains(77n)];
    },
    "add of another length": (module) => filled(module).add(77n, new Float32Array(2), 1),
    "add again": (module) => filled(module).add(1n, vectorsOf(1), 1),
    remove: (module) => [filled(module).remove(1n), filled(module).remove([2n, 77n])],
    "remove of nothing": (module) => filled(module).remove("a" as never),
    save: (module) => filled(module).save(join(temporaryFolder(), "vectors")),
    "save to nowhere": (module) => filled(module).save(7 as never),
    load: (module) => {
      const index = new module.Index(OPTIONS as never);
      return [index.load(saved(module)), index.size(), index.search(vectorsOf(1), 1, 1)];
    },
    "load from nowhere": (module) => new module.Index(OPTIONS as never).load("/nowhere/at/all"),
    view: (module) => {
      const index = new module.Index(OPTIONS as never);
      return [index.view(saved(module)), index.size(), index.search(vectorsOf(1), 1, 1)];
    },
    "a method of another object": ({ Index }) => Index.prototype.search.call({} as never, vectorsOf(1) as never, 1, 1),
  },
});
