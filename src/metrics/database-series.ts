import type { Attributes } from "@opentelemetry/api";
import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME } from "../../semconv/index.ts";

/** Closed databases that are shown with series of their own, and those that are remembered in case they are opened again. */
const MAX_SHOWN = 10;
const MAX_REMEMBERED = 64;

/** Milliseconds for which a closed database is shown, and collections of each reader that see it. */
const SHOWN_MS = 5 * 60_000;
const ROUNDS = 2;

/** Milliseconds after which a reader that has not collected is not waited for. */
const READER_MS = 10 * 60_000;

/** What has series that can be taken off the pages, each by its key. */
export interface SeriesKeeper {
  /** Whether a series says something of now, and not of all that was. */
  readonly isCurrent: boolean;
  /** Whether another thread records into it. */
  isShared(key: string): boolean;
  /** Takes it off the pages, until it is shown again or bound anew. */
  hide(key: string): void;
  show(key: string): void;
  /** Forgets it. */
  drop(key: string): void;
  /** Forgets it, and adds what it counted to the series that stands for all there is no room for. */
  fold(key: string): void;
}

type Series = readonly [keeper: SeriesKeeper, key: string];

/** A database of which there are series. */
interface Entry {
  readonly name: string;
  /** How often it is open in this thread. */
  open: number;
  series: Series[];
  /** Collections there had been when it was first seen. */
  readonly bornAt: number;
  closedAt: number;
  closedRound: number;
  isInWorkers: boolean;
}

/**
 * What becomes of the series of databases that are closed. What they count is shown until each reader has seen the last of
 * it, but of no more than a few of them; then it is kept for a while in case they are opened again. Of those that were opened
 * and closed between two collections, of which there can be any number, the overflow series has the sum.
 */
export class DatabaseLifetimes {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Closed ones, the oldest first: not collected so far, collected, and taken off the pages. */
  readonly #unseen = new Set<Entry>();
  readonly #seen = new Set<Entry>();
  readonly #hidden = new Set<Entry>();
  #isUsed = false;
  #collections = 0;
  /** How often all readers have collected since the first. */
  #round = 0;
  readonly #readers = new Map<object, number>();
  readonly #awaited = new Set<object>();

  /** @param now milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes a new series, if it is of a database. */
  add(attributes: Attributes, ...series: Series): void {
    const name = nameOf(attributes);
    if (name === undefined) return;
    const entry = this.#entries.get(name) ?? this.#begin(name);
    entry.series.push(series);
    // What fails after the database was closed.
    if (entry.open === 0 && this.#isUsed && !entry.isInWorkers && !this.#isClosed(entry)) this.#close(entry);
  }

  opened(attributes: Attributes): void {
    const name = nameOf(attributes);
    if (name === undefined) return;
    this.#isUsed = true;
    const entry = this.#entries.get(name) ?? this.#begin(name);
    entry.open++;
    if (this.#hidden.has(entry)) for (const [keeper, key] of entry.series) keeper.show(key);
    this.#reopen(entry);
  }

  closed(attributes: Attributes): void {
    const entry = this.#entries.get(nameOf(attributes) ?? "");
    if (entry === undefined || --entry.open > 0) return;
    entry.open = 0;
    if (entry.isInWorkers) return;
    this.#endCurrent(entry);
    this.#close(entry);
    this.#foldUnseen();
  }

  /** Another thread records into a series. */
  shared(attributes: Attributes): void {
    const entry = this.#entries.get(nameOf(attributes) ?? "");
    if (entry === undefined) return;
    entry.isInWorkers = true;
    this.#reopen(entry);
  }

  /** A reader has collected. */
  collected(reader: object): void {
    this.#collections++;
    for (const entry of this.#unseen) this.#seen.add(entry);
    this.#unseen.clear();
    this.#count(reader);
    for (const entry of this.#entries.values()) if (entry.isInWorkers) this.#leftByWorkers(entry);
    for (const entry of this.#seen) if (this.#isOver(entry)) this.#hide(entry);
    while (this.#hidden.size > MAX_REMEMBERED) this.#forget(first(this.#hidden));
  }

  #begin(name: string): Entry {
    const bornAt = this.#collections;
    const entry = { name, open: 0, series: [], bornAt, closedAt: 0, closedRound: 0, isInWorkers: false };
    this.#entries.set(name, entry);
    return entry;
  }

  #reopen(entry: Entry): void {
    for (const closed of [this.#unseen, this.#seen, this.#hidden]) closed.delete(entry);
  }

  #isClosed(entry: Entry): boolean {
    return this.#unseen.has(entry) || this.#seen.has(entry);
  }

  /** It says nothing of now any more. */
  #endCurrent(entry: Entry): void {
    for (const [keeper, key] of entry.series) if (keeper.isCurrent) keeper.drop(key);
    entry.series = entry.series.filter(([{ isCurrent }]) => !isCurrent);
  }

  #close(entry: Entry): void {
    this.#hidden.delete(entry);
    entry.closedAt = this.#now();
    // Where no reader has collected in the round that goes on, its end is the first one after.
    entry.closedRound = this.#awaited.size === this.#readers.size ? this.#round : this.#round + 1;
    (entry.bornAt === this.#collections ? this.#unseen : this.#seen).add(entry);
  }

  /** Of what no reader has seen nothing is lost and nothing counted twice. */
  #foldUnseen(): void {
    while (this.#unseen.size > MAX_SHOWN) {
      const oldest = first(this.#unseen);
      for (const [keeper, key] of oldest.series) keeper.fold(key);
      this.#unseen.delete(oldest);
      this.#entries.delete(oldest.name);
    }
  }

  /** A round is over once each reader that still collects has. The one that goes on was begun before. */
  #count(reader: object): void {
    const now = this.#now();
    this.#readers.set(reader, now);
    this.#awaited.delete(reader);
    for (const each of this.#awaited) if (now - this.#readers.get(each)! > READER_MS) this.#awaited.delete(each);
    if (this.#awaited.size > 0) return;
    this.#round++;
    for (const [each, time] of this.#readers) {
      if (now - time > READER_MS) this.#readers.delete(each);
      else this.#awaited.add(each);
    }
  }

  #leftByWorkers(entry: Entry): void {
    if (entry.series.some(([keeper, key]) => keeper.isShared(key))) return;
    entry.isInWorkers = false;
    if (entry.open > 0) return;
    this.#endCurrent(entry);
    this.#close(entry);
  }

  #isOver(entry: Entry): boolean {
    const rounds = this.#round - entry.closedRound;
    if (this.#seen.size > MAX_SHOWN && rounds > 0) return true;
    return rounds >= ROUNDS && this.#now() - entry.closedAt >= SHOWN_MS;
  }

  #hide(entry: Entry): void {
    this.#seen.delete(entry);
    this.#hidden.add(entry);
    for (const [keeper, key] of entry.series) keeper.hide(key);
  }

  #forget(entry: Entry): void {
    this.#hidden.delete(entry);
    this.#entries.delete(entry.name);
    for (const [keeper, key] of entry.series) keeper.drop(key);
  }
}

const first = (entries: ReadonlySet<Entry>): Entry => entries.values().next().value!;

/** What tells a database from others; undefined where there is none. */
function nameOf({ [ATTR_DB_SYSTEM_NAME]: system, [ATTR_DB_NAMESPACE]: namespace }: Attributes): string | undefined {
  return namespace === undefined ? undefined : JSON.stringify([system, namespace]);
}
