import { createRequire } from "node:module";
import { expect } from "chai";
import { describe, it } from "mocha";
import type * as Package from "lru-cache";
import { count } from "../../helpers/observed.ts";
import { seeded } from "../../helpers/random.ts";

const { LRUCache } = createRequire(import.meta.url)("lru-cache") as typeof Package;

type Options = Package.LRUCache.Options<number, string, unknown>;
type Cache = Package.LRUCache<number, string>;

const REASONS = { evict: "capacity", expire: "ttl", delete: "explicit", set: "replaced" } as const;

/** Caches that limit what they hold in each way there is. */
const LIMITS: Readonly<Record<string, Options>> = {
  Counted: { max: 5 },
  Weighed: { maxSize: 40, sizeCalculation: (value) => value.length },
  Both: { max: 5, maxSize: 40, sizeCalculation: (value) => value.length },
  Expiring: { max: 5, ttl: 1, ttlResolution: 0 },
};

/** One step of an application that does everything, in an order of its own. */
function step(cache: Cache, below: (limit: number) => number): void {
  const key = below(12);
  const steps = [
    () => cache.set(key, "x".repeat(1 + below(10))),
    () => cache.set(key, "x".repeat(1 + below(10))),
    () => cache.get(key),
    () => cache.memo(key),
    () => cache.delete(key),
    () => cache.set(key, undefined),
    () => cache.purgeStale(),
    () => cache.has(key) || cache.peek(key),
    () => below(20) === 0 && cache.clear(),
  ];
  steps[below(steps.length)]!();
}

describe("evictions of lru-cache", () => {
  for (const [name, options] of Object.entries(LIMITS)) {
    it(`are those that the cache itself disposes of: ${name}`, async () => {
      const disposed: Record<string, number> = { capacity: 0, ttl: 0, explicit: 0, replaced: 0 };
      const { [name]: Named = LRUCache } = { [name]: class extends LRUCache<number, string> {} };
      const cache = new Named({
        ...options,
        memoMethod: (key) => "y".repeat(1 + (key % 8)),
        dispose: (_value, _key, reason) => disposed[REASONS[reason as keyof typeof REASONS]]!++,
      });
      const random = seeded(7);
      const below = (limit: number): number => Math.floor(random() * limit);
      for (let i = 0; i < 5_000; i++) step(cache, below);
      const counted = await Promise.all(
        Object.keys(disposed).map(async (reason) => [
          reason,
          await count("storage.cache.evictions", {
            "storage.cache.name": name,
            "storage.cache.eviction.reason": reason,
          }),
        ]),
      );
      expect(Object.fromEntries(counted)).to.deep.equal(disposed);
      expect(disposed["capacity"], "evictions by capacity").to.be.above(0);
      expect(await count("storage.cache.entry.count", { "storage.cache.name": name })).to.equal(cache.size);
    });
  }
});
