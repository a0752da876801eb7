/** What an operation is for; the first two have rows. */
export const OperationKind = { READ: 0, WRITE: 1, TRANSACTION: 2, PREPARE: 3, OTHER: 4 } as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** Whether an operation can move the boundary of a transaction. */
export const Boundary = {
  /** Never. */
  NONE: 0,
  /** Outside of an explicit transaction it is a transaction of its own. */
  WRITE: 1,
  /** It may begin or end a transaction. */
  CONTROL: 2,
} as const;
export type Boundary = (typeof Boundary)[keyof typeof Boundary];
