import type { Attributes } from "@opentelemetry/api";
import {
  ATTR_STORAGE_SEARCH_CANDIDATE_COUNT,
  ATTR_STORAGE_SEARCH_LIMIT,
  ATTR_STORAGE_SEARCH_UPDATE_TYPE,
  METRIC_STORAGE_SEARCH_CANDIDATES,
  METRIC_STORAGE_SEARCH_INDEX_UPDATES,
  METRIC_STORAGE_SEARCH_RESULTS,
  type StorageSearchType,
  type StorageSearchUpdateType,
} from "../../semconv/index.ts";
import { Operation } from "../../src/instrument/operation.ts";
import { PendingOperation } from "../../src/instrument/pending-operation.ts";
import type { HistogramSeries } from "../../src/metrics/histogram.ts";
import { metricRegistry } from "../../src/metrics/registry.ts";
import type { SumSeries } from "../../src/metrics/series.ts";
import type { Instance } from "../../src/recording/instance.ts";
import { Boundary, OperationKind } from "../../src/recording/operation-kind.ts";
import type { OperationInfo } from "../../src/recording/operation-info.ts";
import type { Call } from "./calls.ts";
import { identity, IndexUpdate, Search } from "./search.ts";

const updates = metricRegistry.instrument(METRIC_STORAGE_SEARCH_INDEX_UPDATES);
const results = metricRegistry.instrument(METRIC_STORAGE_SEARCH_RESULTS);
const candidates = metricRegistry.instrument(METRIC_STORAGE_SEARCH_CANDIDATES);

/** Search as the application asks for it. */
interface SearchRequest {
  /** The method: `search`. */
  readonly name: string;
  /** By default, that of the index. */
  readonly type?: StorageSearchType;
  /** Number of results it asks for, if it does. */
  readonly limit?: unknown;
}

/** Size of the answer to a search. */
export interface SearchAnswer {
  readonly results: number;
  /** Number of documents that matched, if the engine says. */
  readonly candidates?: number;
}

/** Documents that a call changed. */
export interface Change {
  readonly type: StorageSearchUpdateType;
  readonly documents: number;
}

/** Returns what a call changed: by its result if it succeeded, and also if it failed halfway. */
export type ChangesOf = (result: unknown, end: CallEnd) => readonly Change[];

/** How a call ended. */
interface CallEnd {
  readonly hasFailed: boolean;
  /** False if other code of the application ran meanwhile. */
  readonly isBlocking: boolean;
}

/** Indexes of one name and type in the memory of the process. */
export class ObservedIndex {
  readonly instance: Instance;
  readonly name: string;
  readonly type: StorageSearchType;
  /** By method, and by type. */
  readonly #searches = new Map<string, Map<StorageSearchType, Searches>>();
  readonly #updates = new Map<string, Operation>();
  readonly #changed = new Map<StorageSearchUpdateType, SumSeries>();
  #results: HistogramSeries | undefined;

  constructor(instance: Instance, name: string, type: StorageSearchType) {
    this.instance = instance;
    this.name = name;
    this.type = type;
  }

  /** Begins a search. */
  search({ name, type = this.type, limit }: SearchRequest, answerOf: (result: unknown) => SearchAnswer): Call {
    return new SearchCall(this.#searchesOf(name, type), limit, answerOf);
  }

  /** Counts a search that is not timed, as it takes less than reading the clock. */
  searched(found: number): void {
    this.#results ??= results.bind(identity(this.instance, this));
    this.#results.record(found);
  }

  /**
   * Begins a change of documents.
   * @param name the method: `addAll`
   * @param changesOf returns what was changed, also by a call that failed halfway
   */
  update(name: string, changesOf: ChangesOf): Call {
    let operation = this.#updates.get(name);
    if (operation === undefined) {
      const info = this.operationInfo(name, OperationKind.WRITE);
      operation = new Operation(this.instance, { ...info, hook: new IndexUpdate(this.instance, info, this) });
      this.#updates.set(name, operation);
    }
    return new UpdateCall(this, operation, changesOf);
  }

  /** Counts documents that were changed. */
  changed(type: StorageSearchUpdateType, documents = 1): void {
    let series = this.#changed.get(type);
    if (series === undefined) {
      series = updates.bind({ ...identity(this.instance, this), [ATTR_STORAGE_SEARCH_UPDATE_TYPE]: type });
      this.#changed.set(type, series);
    }
    series.add(documents);
  }

  #searchesOf(name: string, type: StorageSearchType): Searches {
    let byType = this.#searches.get(name);
    if (byType === undefined) {
      byType = new Map();
      this.#searches.set(name, byType);
    }
    let searches = byType.get(type);
    if (searches === undefined) {
      searches = new Searches(this, name, type);
      byType.set(type, searches);
    }
    return searches;
  }

  /** Describes an operation on it. */
  operationInfo(name: string, kind: OperationKind): OperationInfo {
    return { kind, boundary: Boundary.NONE, statements: 1, name, summary: `${name} ${this.name}` };
  }
}

/** Searches of one type by one method. */
class Searches {
  readonly operation: Operation;
  readonly hook: Search;
  readonly #index: ObservedIndex;
  readonly #type: StorageSearchType;
  #candidates: HistogramSeries | undefined;

  constructor(index: ObservedIndex, name: string, type: StorageSearchType) {
    const info = index.operationInfo(name, OperationKind.READ);
    this.#index = index;
    this.#type = type;
    this.hook = new Search(index.instance, info, { type, name: index.name });
    this.operation = new Operation(index.instance, { ...info, hook: this.hook });
  }

  matched(documents: number): void {
    this.#candidates ??= candidates.bind(identity(this.#index.instance, { type: this.#type, name: this.#index.name }));
    this.#candidates.record(documents);
  }
}

class SearchCall implements Call {
  readonly #searches: Searches;
  readonly #limit: unknown;
  readonly #answerOf: (result: unknown) => SearchAnswer;
  readonly #run: PendingOperation;

  constructor(searches: Searches, limit: unknown, answerOf: (result: unknown) => SearchAnswer) {
    this.#searches = searches;
    this.#limit = limit;
    this.#answerOf = answerOf;
    this.#run = new PendingOperation(searches.operation);
  }

  succeeded(result: unknown, isBlocking: boolean): void {
    const { nanoseconds } = this.#run;
    const { results: found, candidates: matched } = this.#answerOf(result);
    if (matched !== undefined) this.#searches.matched(matched);
    this.#ended(matched, () => this.#run.succeeded(found, isBlocking ? nanoseconds : 0, nanoseconds));
  }

  failed(error: unknown, isBlocking: boolean): void {
    const { nanoseconds } = this.#run;
    this.#ended(undefined, () => this.#run.failed(error, isBlocking ? nanoseconds : 0, nanoseconds));
  }

  /** Passes what only this run has to the hook, which is called at once. */
  #ended(matched: number | undefined, end: () => void): void {
    const { hook } = this.#searches;
    if (this.#run.rollup !== null) hook.details = this.#details(matched);
    try {
      end();
    } finally {
      hook.details = undefined;
    }
  }

  #details(matched: number | undefined): Attributes {
    const details: Attributes = {};
    if (typeof this.#limit === "number") details[ATTR_STORAGE_SEARCH_LIMIT] = this.#limit;
    if (matched !== undefined) details[ATTR_STORAGE_SEARCH_CANDIDATE_COUNT] = matched;
    return details;
  }
}

class UpdateCall implements Call {
  readonly #index: ObservedIndex;
  readonly #run: PendingOperation;
  readonly #changesOf: ChangesOf;

  constructor(index: ObservedIndex, operation: Operation, changesOf: ChangesOf) {
    this.#index = index;
    this.#changesOf = changesOf;
    this.#run = new PendingOperation(operation);
  }

  succeeded(result: unknown, isBlocking: boolean): void {
    const { nanoseconds } = this.#run;
    this.#run.succeeded(
      this.#changed(result, { hasFailed: false, isBlocking }),
      isBlocking ? nanoseconds : 0,
      nanoseconds,
    );
  }

  failed(error: unknown, isBlocking: boolean): void {
    const { nanoseconds } = this.#run;
    this.#run.failed(error, isBlocking ? nanoseconds : 0, nanoseconds);
    this.#changed(undefined, { hasFailed: true, isBlocking });
  }

  /** @returns the number of changed documents */
  #changed(result: unknown, end: CallEnd): number {
    let sum = 0;
    for (const { type, documents } of this.#changesOf(result, end)) {
      this.#index.changed(type, documents);
      sum += documents;
    }
    return sum;
  }
}
