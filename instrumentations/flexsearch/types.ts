/** Index or document index, by what is read of it. */
export interface Index {
  /** Keys of the documents. */
  readonly reg: { readonly size: number };
  /** Documents by term; not of a document index. */
  readonly map?: { readonly size: number };
  /** Indexes of the fields of a document index. */
  readonly index?: ReadonlyMap<string, Partial<Index>>;
  /** Storage outside of memory. */
  readonly db?: unknown;
}
