/** Merging of sorted entries, which drops those that can no longer be read. */
import { compare, type Entry } from "./entry.ts";

/** Merges sources in order; of equal entries, that of the earlier source comes first. */
export async function* merge(sources: readonly (Iterator<Entry> | AsyncIterator<Entry>)[]): AsyncGenerator<Entry> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  for (;;) {
    const open = heads.filter(({ head }) => head.done !== true);
    if (open.length === 0) return;
    const next = open.reduce((best, other) => (compare(other.head.value!, best.head.value!) < 0 ? other : best));
    yield next.head.value!;
    next.head = await next.source.next();
  }
}

/**
 * Keeps the newest version of each key, and those that a snapshot reads. A deletion that every snapshot sees is dropped
 * at the bottom, where nothing older is below.
 */
export async function* readable(
  entries: AsyncIterable<Entry>,
  snapshots: readonly number[],
  isBottom: (key: string) => boolean,
): AsyncGenerator<Entry> {
  let newer: Entry | undefined;
  for await (const entry of entries) {
    const end = newer?.key === entry.key ? newer.sequence : Infinity;
    newer = entry;
    const isRead = end === Infinity || snapshots.some((at) => entry.sequence <= at && at < end);
    const isOver = entry.value === undefined && snapshots.every((at) => entry.sequence <= at) && isBottom(entry.key);
    if (isRead && !isOver) yield entry;
  }
}
