import type * as Package from "keyv";
import { keyv } from "../../../instrumentations/keyv/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { count } from "../../helpers/observed.ts";

type Module = typeof Package;

/** A store that fails, as one behind a network does. */
const failing = (error: unknown): object => ({
  get: () => Promise.reject(error as Error),
  set: () => Promise.reject(error as Error),
  delete: () => Promise.reject(error as Error),
  clear: () => Promise.reject(error as Error),
});

const filled = async ({ Keyv }: Module): Promise<Package.Keyv> => {
  const cache = new Keyv();
  await cache.set("a", 1);
  await cache.set("b", [2]);
  return cache;
};

testEngine<Module>(keyv, {
  observedObjects: ({ Keyv }) => [Keyv.prototype],
  throwing: ({ Keyv }, error) => new Keyv({ store: failing(error) as never, throwOnErrors: true }).get("a"),
  async perform({ Keyv }, namespace, operations) {
    const cache = new Keyv({ namespace });
    for (let i = 0; i < operations; i++) await cache.get("nothing");
  },
  performed: (name) => count("storage.cache.requests", { "db.system.name": "keyv", "storage.cache.name": name }),
  exercises: {
    set: async (module) => (await filled(module)).set("c", 3),
    "set of a symbol": async (module) => (await filled(module)).set("c", Symbol("none")),
    get: async (module) => (await filled(module)).get("b"),
    "get of nothing": async (module) => (await filled(module)).get("z"),
    "get of several": async (module) => (await filled(module)).get(["a", "z"]),
    getMany: async (module) => (await filled(module)).getMany(["a", "z"]),
    getRaw: async (module) => (await filled(module)).getRaw("a"),
    getManyRaw: async (module) => (await filled(module)).getManyRaw(["a", "z"]),
    setMany: async (module) => (await filled(module)).setMany([{ key: "c", value: 3 }]),
    "get from a store that fails": ({ Keyv }) =>
      new Keyv({ store: failing(new RangeError("gone")) as never, throwOnErrors: true }).get("a"),
    "set to a store that fails": ({ Keyv }) =>
      new Keyv({ store: failing(new RangeError("gone")) as never, throwOnErrors: true }).set("a", 1),
    "a method of another object": ({ Keyv }) => Keyv.prototype.get.call({} as never, ["a"]),
  },
});
