import { isMainThread } from "../runtime/thread.ts";
import { Pages } from "./shared-memory.ts";

/** Where this thread records, if it is a worker. */
export const pages: Pages | undefined = isMainThread ? undefined : new Pages();
