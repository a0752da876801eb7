/** Methods of a processor that buffers nothing and has nothing to flush. */
export const NOOP_PROCESSOR = { forceFlush: async (): Promise<void> => {}, shutdown: async (): Promise<void> => {} };
