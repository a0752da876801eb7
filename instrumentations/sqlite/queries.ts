/** Internal queries of a connection, as far as its binding runs them. */
export interface Queries {
  /** False if the binding runs no query of ours: `query` then returns undefined. */
  readonly isAskable: boolean;
  /** Tells whether SQLite may be asked for query plans. */
  isPlanned(): boolean;
  /**
   * Returns the rows of an internal query; undefined if SQLite refuses it at the moment, or if the application would
   * notice it. Must not be called inside a timed section.
   */
  query(sql: string): unknown[][] | undefined;
}
