/** What a processor says to who wants it emptied that keeps nothing back. */
export const NOOP_PROCESSOR = { forceFlush: async (): Promise<void> => {}, shutdown: async (): Promise<void> => {} };
