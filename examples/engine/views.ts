/** Consistent views of a database: a snapshot, and a snapshot with writes of its own. */
import { TidepoolError } from "./entry.ts";

/** Values to put by key; undefined deletes. */
export type Batch = ReadonlyMap<string, Uint8Array | undefined>;

export type Scan = AsyncGenerator<[key: string, value: Buffer]>;

/** What a view needs of its database. */
export interface Source {
  read(key: string, sequence: number): Promise<Buffer | undefined>;
  scan(prefix: string, sequence: number, own?: Batch): Scan;
  /** @throws TidepoolError CONFLICT if a key was written after the sequence number */
  write(batch: Batch, unchangedSince: number): Promise<number>;
  released(view: Snapshot): void;
}

export class Snapshot {
  readonly sequence: number;
  readonly openedAt = performance.now();
  readonly #source: Source;
  #isOpen = true;

  constructor(source: Source, sequence: number) {
    this.#source = source;
    this.sequence = sequence;
  }

  protected get source(): Source {
    if (!this.#isOpen) throw new TidepoolError("CLOSED", "the snapshot was released");
    return this.#source;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.source.read(key, this.sequence);
  }

  async *scan(prefix = ""): Scan {
    yield* this.source.scan(prefix, this.sequence);
  }

  /** Ends the view, so that compactions can drop what only it reads. */
  release(): void {
    this.#isOpen = false;
    this.#source.released(this);
  }
}

/** Reads what it writes. Of two transactions that write a key, the first to commit wins. */
export class Transaction extends Snapshot {
  readonly #writes = new Map<string, Uint8Array | undefined>();

  override async get(key: string): Promise<Buffer | undefined> {
    const value = this.#writes.get(key);
    return this.#writes.has(key) ? value && Buffer.from(value) : super.get(key);
  }

  override async *scan(prefix = ""): Scan {
    yield* this.source.scan(prefix, this.sequence, this.#writes);
  }

  put(key: string, value: Uint8Array): void {
    this.#writes.set(key, Buffer.from(value));
  }

  del(key: string): void {
    this.#writes.set(key, undefined);
  }

  /** @throws TidepoolError CONFLICT if a key was written since the transaction began */
  async commit(): Promise<void> {
    await this.source.write(this.#writes, this.sequence).finally(() => this.release());
  }

  rollback(): void {
    this.release();
  }
}
