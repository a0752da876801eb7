/** The newest entries, in memory. They are sorted when they are read in order. */
import { sizeOf, type Entry } from "./entry.ts";

export class Memtable {
  readonly #versions = new Map<string, Entry[]>();
  bytes = 0;

  add(entry: Entry): void {
    const versions = this.#versions.get(entry.key);
    if (versions === undefined) this.#versions.set(entry.key, [entry]);
    else versions.push(entry);
    this.bytes += sizeOf(entry);
  }

  /** @returns the newest version that is not newer than a sequence number */
  find(key: string, sequence: number): Entry | undefined {
    return this.#versions.get(key)?.findLast((entry) => entry.sequence <= sequence);
  }

  *entries(prefix = ""): Generator<Entry> {
    const keys = Array.from(this.#versions.keys()).filter((key) => key.startsWith(prefix));
    for (const key of keys.sort()) yield* this.#versions.get(key)!.toReversed();
  }
}
