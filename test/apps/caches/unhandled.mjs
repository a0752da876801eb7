/** Leaves rejections unhandled: of a cache that loads, and of one whose store fails. */
import { Keyv } from "keyv";
import { LRUCache } from "lru-cache";

process.on("unhandledRejection", ({ message }) => console.log(`unhandled: ${message}`));

const fail = async () => {
  throw new Error("nothing there");
};
void new LRUCache({ max: 3, fetchMethod: fail }).fetch("key");
void new Keyv({ store: { get: fail, set: fail, delete: fail, clear: fail }, throwOnErrors: true }).get("key");
