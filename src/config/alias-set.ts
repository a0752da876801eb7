/** Sets of names that metrics have in other systems, each with the prefix of one. */
export const ALIAS_SETS = ["db", "deltaforge", "streamhouse"] as const;
export type AliasSet = (typeof ALIAS_SETS)[number];
