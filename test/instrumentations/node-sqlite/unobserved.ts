/** A thread that no hook was registered in: its copy of node:sqlite is as Node made it. */
import { parentPort } from "node:worker_threads";
import { perform } from "./exercises.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage(perform());
