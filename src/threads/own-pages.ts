import { isMainThread } from "../thread.ts";
import { Pages } from "./pages.ts";

/** Where this thread records, if it is a worker. */
export const pages: Pages | undefined = isMainThread ? undefined : new Pages();
