/** Consistent views of a database: a snapshot, and a snapshot with writes of its own. */
import { TidepoolError } from "./entry.ts";
import type { Scan, Store, View } from "./store.ts";

export class Snapshot implements View {
  readonly sequence: number;
  readonly openedAt = performance.now();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.sequence = store.sequence;
    store.views.add(this);
  }

  protected get store(): Store {
    if (!this.#store.views.has(this)) throw new TidepoolError("CLOSED", "the snapshot was released");
    return this.#store;
  }

  async get(key: string): Promise<Buffer | undefined> {
    return this.store.read(key, this.sequence);
  }

  async *scan(prefix = ""): Scan {
    yield* this.store.scan(prefix, this.sequence);
  }

  /** Ends the view, so that compactions can drop what only it reads. */
  release(): void {
    this.#store.views.delete(this);
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
    yield* this.store.scan(prefix, this.sequence, this.#writes);
  }

  put(key: string, value: Uint8Array): void {
    this.#writes.set(key, Buffer.from(value));
  }

  del(key: string): void {
    this.#writes.set(key, undefined);
  }

  /** @throws TidepoolError CONFLICT if a key was written since the transaction began */
  async commit(): Promise<void> {
    await this.store.write(this.#writes, this.sequence).finally(() => this.release());
  }

  rollback(): void {
    this.release();
  }
}
