import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { describe, it } from "mocha";
import type * as Package from "lru-cache";
import { eventually } from "../../helpers/eventually.ts";
import { count, seriesWith, spansDuring } from "../../helpers/observed.ts";

const { LRUCache } = createRequire(import.meta.url)("lru-cache") as typeof Package;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** The counts of a metric by the value of an attribute, without those that are zero. */
async function counts(metric: string, name: string, attribute: string): Promise<object> {
  const all = (await seriesWith({ "storage.cache.name": name })).filter((each) => each.metric === metric);
  return Object.fromEntries(
    all.filter(({ value }) => value > 0).map(({ attributes, value }) => [attributes[attribute] ?? "", value]),
  );
}

const requests = (name: string): Promise<object> => counts("storage.cache.requests", name, "storage.cache.result");

/** A method that loads after the events of this turn. */
const load = async (key: string): Promise<string> => {
  await Promise.resolve();
  if (key === "broken") throw new RangeError("nothing there");
  return `about ${key}`;
};

describe("caches of lru-cache", () => {
  it("tell a lookup that waits for another caller, and one that returns what has expired", async () => {
    class Results extends LRUCache<string, string> {}
    const cache = new Results({ max: 3, fetchMethod: load, allowStale: true });
    await Promise.all([cache.fetch("a"), cache.fetch("a"), cache.fetch("a")]);
    await cache.fetch("a");
    cache.set("b", "old", { ttl: 1, start: performance.now() - 1_000 });
    expect(await cache.fetch("b")).to.equal("old");
    expect(await requests("Results")).to.deep.equal({ hit: 1, miss: 1, stale: 1, inflight: 2 });
  });

  it("count options that an application uses for all of its calls by what each call was", async () => {
    class Shared extends LRUCache<string, string> {}
    const cache = new Shared({ max: 3, fetchMethod: load });
    const options = { allowStale: true };
    cache.set("a", "old", { ttl: 1, start: performance.now() - 1_000 });
    cache.get("a", options);
    cache.get("nothing", options);
    await cache.fetch("broken", options).catch(() => undefined);
    await cache.fetch("b", options);
    expect(await requests("Shared")).to.deep.equal({ stale: 1, miss: 3 });
    expect(await counts("storage.cache.load.duration", "Shared", "error.type")).to.deep.equal({ "": 1, RangeError: 1 });
  });

  it("have a span for each load, inside of the request that waits for it", async () => {
    class Loads extends LRUCache<string, string> {}
    const cache = new Loads({ max: 3, fetchMethod: load, memoMethod: (key) => `about ${key}` });
    const spans = await spansDuring(async () => {
      await cache.fetch("a");
      await cache.fetch("a");
      await cache.fetch("broken").catch(() => undefined);
      cache.memo("m");
    });
    const request = spans.at(-1)!;
    const loads = spans.filter(({ name }) => name === "load Loads");
    expect(loads.map(({ attributes }) => attributes["error.type"])).to.deep.equal([undefined, "RangeError", undefined]);
    for (const { parentSpanContext } of loads) expect(parentSpanContext?.spanId).to.equal(request.spanContext().spanId);
    expect(request.attributes).to.include({ "storage.rollup.cache.hits": 1, "storage.rollup.cache.misses": 3 });
  });

  it("are named by the file that uses them, unless they have a class of their own", async () => {
    const cache = new LRUCache<string, string>({ max: 3 });
    cache.get("nothing");
    const here = "test/instrumentations/lru-cache/caches.test.ts";
    expect(await requests(here)).to.deep.equal({ miss: 1 });
  });

  it("are not named by what may be the id of somebody", async () => {
    const named = { user_4711: class extends LRUCache<string, string> {} };
    new named.user_4711({ max: 3 }).get("nothing");
    expect(await requests("user_4711")).to.deep.equal({});
  });

  it("of one name are added up, and end when they are collected", async () => {
    class Sessions extends LRUCache<string, string> {}
    const limit = (): Promise<number> => count("storage.cache.entry.limit", { "storage.cache.name": "Sessions" });
    await (async () => {
      const caches = [new Sessions({ max: 3 }), new Sessions({ max: 4 })];
      for (const cache of caches) cache.get("nothing");
      expect(await limit()).to.equal(7);
    })();
    await eventually(async () => {
      collectGarbage();
      return (await limit()) === 0;
    });
    expect(await requests("Sessions")).to.deep.equal({ miss: 2 });
  });
});
