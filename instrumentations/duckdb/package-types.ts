/** The part of @duckdb/node-api that the instrumentation uses. */

/** Result of a statement; its rows may still be to come. */
export interface Result {
  readonly returnType: number;
  readonly rowsChanged: number;
  readonly isStreaming: boolean;
}

export interface Chunk {
  readonly rowCount: number;
}

export interface ExtractedStatements {
  readonly count: number;
}

export interface PreparedStatement {
  readonly statementType: number;
}

/** The exports that are patched or asked. */
export interface Package {
  readonly DuckDBInstance: Class;
  readonly DuckDBInstanceCache: Class;
  readonly DuckDBConnection: Class;
  readonly DuckDBPreparedStatement: Class;
  readonly DuckDBExtractedStatements: Class;
  readonly DuckDBPendingResult: Class;
  readonly DuckDBResult: Class;
  readonly DuckDBMaterializedResult: Class;
  readonly DuckDBAppender: Class;
  readonly ResultReturnType: Readonly<Record<string, number>>;
  readonly StatementType: Readonly<Record<number, string>>;
  version(): string;
}

type Class = Function & { readonly prototype: object };
