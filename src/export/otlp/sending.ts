/** Code for sending, loaded when there is something to send. */
export { Client } from "./client.ts";
export { SendQueue } from "./send-queue.ts";
export { SERIALIZERS } from "./encoders.ts";
