import {
  ATTR_STORAGE_SEARCH_INDEX_NAME,
  ATTR_STORAGE_SEARCH_TYPE,
  METRIC_STORAGE_SEARCH_INDEX_DIMENSIONS,
  METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_COUNT,
  METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_LIMIT,
  METRIC_STORAGE_SEARCH_INDEX_TERM_COUNT,
  METRIC_STORAGE_TOMBSTONE_COUNT,
  METRIC_STORAGE_TOMBSTONE_RATIO,
  type MetricDefinition,
  type StoragePrimitive,
  type StorageSearchType,
} from "../../semconv/index.ts";
import { Polled, type SetValue } from "../../src/instrument/collectors.ts";
import { databaseIdentity, Instance } from "../../src/recording/instance.ts";
import { NamedGroup, NamedGroups, type Family } from "./named-groups.ts";
import { ObservedIndex } from "./search-index.ts";

/** Packages that search on behalf of others. */
const PACKAGES: ReadonlySet<string> = new Set(["minisearch", "@orama/orama", "flexsearch", "hnswlib-node", "usearch"]);

/** Size of an index, as far as it is known. */
export interface IndexSize {
  /** Documents, or vectors. */
  readonly documents?: number | undefined;
  /** Number of documents it has room for. */
  readonly documentLimit?: number | undefined;
  readonly terms?: number | undefined;
  /** Dimensions of its vectors. */
  readonly dimensions?: number | undefined;
  /** Documents that are not found any more and still have their place. */
  readonly tombstones?: number | undefined;
  /** Share of them, as the engine calculates it. */
  readonly tombstoneRatio?: number | undefined;
}

/** How the sizes of several indexes become one value. */
type Joined = (a: number, b: number) => number;

const sum: Joined = (a, b) => a + b;

const SIZES: readonly (readonly [MetricDefinition, keyof IndexSize, Joined])[] = [
  [METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_COUNT, "documents", sum],
  [METRIC_STORAGE_SEARCH_INDEX_DOCUMENT_LIMIT, "documentLimit", sum],
  [METRIC_STORAGE_SEARCH_INDEX_TERM_COUNT, "terms", sum],
  [METRIC_STORAGE_SEARCH_INDEX_DIMENSIONS, "dimensions", Math.max],
  [METRIC_STORAGE_TOMBSTONE_COUNT, "tombstones", sum],
  [METRIC_STORAGE_TOMBSTONE_RATIO, "tombstoneRatio", Math.max],
];

/** Metrics of the whole instance. */
const WHOLE: ReadonlySet<MetricDefinition> = new Set([METRIC_STORAGE_TOMBSTONE_COUNT, METRIC_STORAGE_TOMBSTONE_RATIO]);

/** Package whose indexes are observed, as data. */
export interface IndexLibrary<Index extends object> extends Family<Index> {
  /** Kind of data that its indexes hold, for operations that are no searches. */
  readonly primitive: StoragePrimitive;
  /** Returns the data the index is searched by. */
  readonly typeOf: (index: Index) => StorageSearchType;
  readonly sizeOf: (index: Index) => IndexSize;
}

/** Indexes of one package. None of them is kept alive. */
export class Indexes<Index extends object> {
  readonly #library: IndexLibrary<Index>;
  readonly #known = new WeakMap<Index, ObservedIndex>();
  readonly #groups: NamedGroups<Index, IndexGroup<Index>>;

  constructor(library: IndexLibrary<Index>) {
    this.#library = library;
    this.#groups = new NamedGroups(library, PACKAGES, (name) => new IndexGroup(name, library));
  }

  /** Returns what observes an index. To be called within a call of the index: the first one can name it. */
  of(index: Index): ObservedIndex {
    return this.#known.get(index) ?? this.#meet(index);
  }

  #meet(index: Index): ObservedIndex {
    const observed = this.#groups.join(index).of(this.#library.typeOf(index));
    this.#known.set(index, observed);
    return observed;
  }
}

/** Indexes of one name. */
class IndexGroup<Index extends object> extends NamedGroup<Index> {
  readonly instance: Instance;
  readonly #library: IndexLibrary<Index>;
  readonly #types = new Map<StorageSearchType, ObservedIndex>();

  constructor(name: string, library: IndexLibrary<Index>) {
    super(name);
    this.#library = library;
    this.instance = new Instance(databaseIdentity(library.system, name), undefined, library.primitive);
    const metrics = SIZES.map(([metric]) => metric);
    const polled = new Polled(
      this.instance,
      { name: "search", metrics, collect: (set) => this.#measure(set) },
      undefined,
    );
    this.instance.whenClosed(() => polled.close());
  }

  /** Returns what observes those of a type. */
  of(type: StorageSearchType): ObservedIndex {
    let observed = this.#types.get(type);
    if (observed === undefined) {
      observed = new ObservedIndex(this.instance, this.name, type);
      this.#types.set(type, observed);
    }
    return observed;
  }

  #measure(set: SetValue): void {
    const { typeOf, sizeOf } = this.#library;
    const byType = new Map<StorageSearchType, IndexSize[]>();
    for (const index of this.measured()) {
      const type = typeOf(index);
      byType.set(type, [...(byType.get(type) ?? []), sizeOf(index)]);
    }
    for (const [type, sizes] of byType) this.#set(set, type, sizes);
  }

  #set(set: SetValue, type: StorageSearchType, sizes: readonly IndexSize[]): void {
    const identity = { [ATTR_STORAGE_SEARCH_TYPE]: type, [ATTR_STORAGE_SEARCH_INDEX_NAME]: this.name };
    for (const [metric, key, join] of SIZES) {
      const values = sizes.map((size) => size[key]).filter((value) => value !== undefined);
      if (values.length > 0)
        set(
          metric,
          values.reduce((a, b) => join(a, b)),
          WHOLE.has(metric) ? undefined : identity,
        );
    }
  }
}
