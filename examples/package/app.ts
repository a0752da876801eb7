/** Application that uses `lru-cache`. */
import { LRUCache } from "lru-cache";

const cache = new LRUCache<string, string>({
  max: 2,
  async fetchMethod(key) {
    if (key === "kraken") throw new RangeError("there is no such animal");
    return `about ${key}`;
  },
});

cache.set("crab", "has claws");
console.log(cache.get("crab"), cache.get("eel"));
console.log(await cache.fetch("squid"));
await cache.fetch("kraken").catch((error: Error) => console.log(error.message));
