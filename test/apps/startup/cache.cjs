// Uses a cache, and says at its end what was loaded.
const { LRUCache } = require("lru-cache");

new LRUCache({ max: 1 }).set("key", "value");
process.on("exit", () => console.log(JSON.stringify(loaded())));
