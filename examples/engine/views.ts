/** Consistent views of a database: a snapshot, and a snapshot with writes of its own. */
import type { ObservedActivity, ObservedTransaction } from "stratascope/instrument";
import { TidepoolError } from "./entry.ts";
import type { Scan, Store, View } from "./store.ts";
import type { Telemetry } from "./telemetry.ts";

const present = (value: unknown): number => (value === undefined ? 0 : 1);

/** Read view at a sequence number, until it is released. */
abstract class ReadView implements View {
  readonly sequence: number;
  readonly openedAt = performance.now();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    this.sequence = store.sequence;
    store.views.add(this);
  }

  abstract abandon(): void;

  protected get store(): Store {
    if (!this.#store.views.has(this)) throw new TidepoolError("CLOSED", "the snapshot was released");
    return this.#store;
  }

  /** Ends the view, so that compactions can drop the versions that only it reads. @returns false if it had ended before */
  protected end(): boolean {
    return this.#store.views.delete(this);
  }
}

export class Snapshot extends ReadView {
  readonly #telemetry: Telemetry;
  readonly #observed: ObservedActivity;

  constructor(store: Store, telemetry: Telemetry) {
    super(store);
    this.#telemetry = telemetry;
    this.#observed = telemetry.snapshot("read_view");
  }

  async get(key: string): Promise<Buffer | undefined> {
    const { store, sequence } = this;
    return this.#telemetry.get.run(() => store.read(key, sequence), present);
  }

  scan(prefix = ""): Scan {
    return this.#telemetry.scan.iterate(this.#scan(prefix));
  }

  async *#scan(prefix: string): Scan {
    yield* this.store.scan(prefix, this.sequence);
  }

  release(): void {
    if (this.end()) this.#observed.end();
  }

  abandon(): void {
    this.release();
  }
}

/** Transaction that reads its own writes. Of two transactions that write a key, the first to commit wins. */
export class Transaction extends ReadView {
  readonly #writes = new Map<string, Uint8Array | undefined>();
  readonly #telemetry: Telemetry;
  readonly #observed: ObservedTransaction;
  #isCommitting = false;

  constructor(store: Store, telemetry: Telemetry) {
    super(store);
    this.#telemetry = telemetry;
    this.#observed = telemetry.transaction();
  }

  async get(key: string): Promise<Buffer | undefined> {
    const { store, sequence } = this;
    const own = this.#writes.get(key);
    const read = async (): Promise<Buffer | undefined> =>
      this.#writes.has(key) ? own && Buffer.from(own) : store.read(key, sequence);
    return this.#telemetry.get.run(read, present, this.#observed);
  }

  scan(prefix = ""): Scan {
    return this.#telemetry.scan.iterate(this.#scan(prefix), this.#observed);
  }

  async *#scan(prefix: string): Scan {
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
    const { store, sequence } = this;
    this.#isCommitting = true;
    try {
      await this.#telemetry.commit.run(() => store.write(this.#writes, sequence), undefined, this.#observed);
      this.#observed.committed();
    } catch (error) {
      const isConflict = error instanceof TidepoolError && error.code === "CONFLICT";
      if (isConflict) this.#observed.conflicted("serialization", error);
      else this.#observed.failed(error);
      throw error;
    } finally {
      this.end();
    }
  }

  rollback(): void {
    if (this.end()) this.#observed.rolledBack();
  }

  abandon(): void {
    if (!this.#isCommitting) this.rollback();
  }
}
