/** What sends, loaded when there is something to send. */
export { Client } from "./client.ts";
export { Lane } from "./lane.ts";
export { SERIALIZERS } from "./wire.ts";
