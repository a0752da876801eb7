import type * as Package from "cacheable";
import { cacheable } from "../../../instrumentations/cacheable/index.ts";
import { testEngine } from "../../conformance/engine.ts";
import { count } from "../../helpers/observed.ts";

type Module = typeof Package;

const filled = async ({ Cacheable }: Module): Promise<Package.Cacheable> => {
  const cache = new Cacheable();
  // Without a listener, its errors are thrown.
  cache.on("error", () => {});
  await cache.set("a", 1);
  await cache.set("b", [2]);
  return cache;
};

testEngine<Module>(cacheable, {
  observedObjects: ({ Cacheable }) => [Cacheable.prototype],
  async throwing(module, error) {
    const load = (): Promise<never> => Promise.reject(error as Error);
    await (await filled(module)).getOrSet("z", load, { throwErrors: true });
  },
  async perform({ Cacheable }, namespace, operations) {
    const cache = new Cacheable({ namespace: `cacheable-${namespace}` });
    for (let i = 0; i < operations; i++) await cache.get("nothing");
  },
  performed: (name) =>
    count("storage.cache.requests", { "db.system.name": "cacheable", "storage.cache.name": `cacheable-${name}` }),
  exercises: {
    set: async (module) => (await filled(module)).set("c", 3),
    get: async (module) => (await filled(module)).get("b"),
    "get of nothing": async (module) => (await filled(module)).get("z"),
    getMany: async (module) => (await filled(module)).getMany(["a", "z"]),
    getRaw: async (module) => (await filled(module)).getRaw("a"),
    getManyRaw: async (module) => (await filled(module)).getManyRaw(["a", "z"]),
    setMany: async (module) => (await filled(module)).setMany([{ key: "c", value: 3 }]),
    has: async (module) => (await filled(module)).has("a"),
    take: async (module) => (await filled(module)).take("a"),
    getOrSet: async (module) => (await filled(module)).getOrSet("c", async () => 3),
    "getOrSet of what fails": async (module) =>
      (await filled(module)).getOrSet("c", () => Promise.reject(new RangeError("gone")), { throwErrors: true }),
    "getOrSet of what throws": async (module) => {
      const load = (): never => {
        throw new RangeError("gone");
      };
      return (await filled(module)).getOrSet("c", load as () => Promise<number>, { throwErrors: true });
    },
    wrap: async (module) => {
      const double = (await filled(module)).wrap(async (number: number) => number * 2);
      return [await double(2), await double(2)];
    },
    "wrap with keys of the application": async (module) => {
      const names: string[] = [];
      async function double(number: number): Promise<number> {
        return number * 2;
      }
      const createKey = (wrapped: unknown): string => {
        names.push(String(wrapped === double));
        return "key";
      };
      return [await (await filled(module)).wrap(double, { createKey } as never)(2), names];
    },
    "a method of another object": ({ Cacheable }) => Cacheable.prototype.getMany.call({} as never, ["a"]),
  },
});
