/** Purpose of an operation; the first two kinds have rows. */
export const OperationKind = { READ: 0, WRITE: 1, TRANSACTION: 2, PREPARE: 3, OTHER: 4 } as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** Effect of an operation on the boundary of a transaction. */
export const Boundary = {
  /** None. */
  NONE: 0,
  /** Outside of an explicit transaction, the operation is a transaction of its own. */
  WRITE: 1,
  /** The operation may begin or end a transaction. */
  CONTROL: 2,
} as const;
export type Boundary = (typeof Boundary)[keyof typeof Boundary];
