import { isMainThread } from "../runtime/thread.ts";
import { Pages } from "./shared-memory.ts";

/** Shared memory that this thread records into; undefined in the main thread. */
export const pages: Pages | undefined = isMainThread ? undefined : new Pages();
