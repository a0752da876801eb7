/** Uses a cache of the same class in two workers and in the main thread. */
import { once } from "node:events";
import { isMainThread, Worker } from "node:worker_threads";
import { LRUCache } from "lru-cache";

class Thumbnails extends LRUCache {}

const cache = new Thumbnails({ max: 3 });
cache.set("key", "value");
for (let i = 0; i < 10; i++) cache.get("key");

if (isMainThread) {
  const workers = [1, 2].map(() => new Worker(new URL(import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, "exit")));
}
