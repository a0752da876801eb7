import type { Attributes } from "@opentelemetry/api";
import { ATTR_DB_NAMESPACE, ATTR_DB_SYSTEM_NAME, ATTR_STORAGE_CACHE_NAME } from "../../semconv/index.ts";

/**
 * Closed databases that are exported with series of their own, and closed databases that are kept in case they are
 * reopened.
 */
const MAX_SHOWN = 10;
const MAX_REMEMBERED = 64;

/** Milliseconds for which a closed database is exported, and collections of each reader that include it. */
const SHOWN_MS = 5 * 60_000;
const ROUNDS = 2;

/** Milliseconds after which a reader that has not collected is no longer waited for. */
const READER_MS = 10 * 60_000;

/** Owner of series that can be hidden from collection, each identified by its key. */
export interface SeriesKeeper {
  /** True if a series describes the present, and not a total since the start. */
  readonly isCurrent: boolean;
  /** Tells whether another thread records into a series. */
  isShared(key: string): boolean;
  /** Hides a series until it is shown or bound again. */
  hide(key: string): void;
  show(key: string): void;
  /** Deletes a series. */
  drop(key: string): void;
  /** Deletes a series and adds its counts to the overflow series. */
  fold(key: string): void;
}

type Series = readonly [keeper: SeriesKeeper, key: string];

/** Database with series. */
interface Entry {
  readonly name: string;
  /** Number of times the database is open in this thread. */
  open: number;
  series: Series[];
  /** Number of collections before the database was first seen. */
  readonly bornAt: number;
  closedAt: number;
  closedRound: number;
  isInWorkers: boolean;
}

/**
 * Lifetimes of the series of closed databases. The series of a few closed databases are exported until each reader has
 * collected their last values. Then they are kept for a while in case the database is reopened. The number of databases
 * that are opened and closed between two collections is unbounded; the overflow series contains their sum.
 */
export class DatabaseLifetimes {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** Closed databases, the oldest first: not collected yet, collected, and hidden. */
  readonly #unseen = new Set<Entry>();
  readonly #seen = new Set<Entry>();
  readonly #hidden = new Set<Entry>();
  #isUsed = false;
  #collections = 0;
  /** Number of times all readers have collected since the first. */
  #round = 0;
  readonly #readers = new Map<object, number>();
  readonly #awaited = new Set<object>();

  /** @param now returns milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Registers a new series, if it has the attributes of a database. */
  add(attributes: Attributes, ...series: Series): void {
    const name = nameOf(attributes);
    if (name === undefined) return;
    const entry = this.#entries.get(name) ?? this.#begin(name);
    entry.series.push(series);
    // An operation can fail after the database was closed.
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

  /** Notes that another thread records into a series. */
  shared(attributes: Attributes): void {
    const entry = this.#entries.get(nameOf(attributes) ?? "");
    if (entry === undefined) return;
    entry.isInWorkers = true;
    this.#reopen(entry);
  }

  /** Notes a collection by a reader. */
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

  /** Deletes the series that describe the present: the database is closed. */
  #endCurrent(entry: Entry): void {
    for (const [keeper, key] of entry.series) if (keeper.isCurrent) keeper.drop(key);
    entry.series = entry.series.filter(([{ isCurrent }]) => !isCurrent);
  }

  #close(entry: Entry): void {
    this.#hidden.delete(entry);
    entry.closedAt = this.#now();
    // If no reader has collected in the current round, its end is the first one after the close.
    entry.closedRound = this.#awaited.size === this.#readers.size ? this.#round : this.#round + 1;
    (entry.bornAt === this.#collections ? this.#unseen : this.#seen).add(entry);
  }

  /** Folds the oldest databases. No reader has seen them, so that nothing is lost and nothing is counted twice. */
  #foldUnseen(): void {
    while (this.#unseen.size > MAX_SHOWN) {
      const oldest = first(this.#unseen);
      for (const [keeper, key] of oldest.series) keeper.fold(key);
      this.#unseen.delete(oldest);
      this.#entries.delete(oldest.name);
    }
  }

  /**
   * Counts a collection. A round ends once each reader that still collects has collected. The current round began
   * before this collection.
   */
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

/** Returns the key of a database or cache; undefined if the attributes have none. */
function nameOf(attributes: Attributes): string | undefined {
  const { [ATTR_DB_SYSTEM_NAME]: system, [ATTR_DB_NAMESPACE]: namespace } = attributes;
  if (namespace !== undefined) return JSON.stringify([system, namespace]);
  const cache = attributes[ATTR_STORAGE_CACHE_NAME];
  return cache === undefined ? undefined : JSON.stringify([system, ATTR_STORAGE_CACHE_NAME, cache]);
}
