import type { StorageSearchType } from "../../semconv/index.ts";
import { Indexes } from "../layers/search-indexes.ts";

/** Database, by what is read of it. Its parts can be those of the application. */
export interface Database {
  readonly id?: unknown;
  readonly data?: {
    readonly docs?: { readonly count?: unknown };
    readonly index?: {
      readonly vectorIndexes?: Readonly<Record<string, { readonly node?: { readonly size?: number } }>>;
      readonly searchableProperties?: readonly string[];
    };
  };
}

/** Returns the number of its documents, if it is known. */
export function documentsIn({ data }: Database): number | undefined {
  const count = data?.docs?.count;
  return typeof count === "number" ? count : undefined;
}

const vectorsIn = ({ data }: Database): string[] => Object.keys(data?.index?.vectorIndexes ?? {});

/** Returns the data its schema has. */
function typeOf(database: Database): StorageSearchType {
  const vectors = vectorsIn(database).length;
  if (vectors === 0) return "fulltext";
  return vectors === database.data?.index?.searchableProperties?.length ? "vector" : "hybrid";
}

/** Returns the dimensions of its vectors, if it has one kind of them. */
function dimensionsOf(database: Database): number | undefined {
  const [property, ...more] = vectorsIn(database);
  return property === undefined || more.length > 0
    ? undefined
    : database.data?.index?.vectorIndexes?.[property]?.node?.size;
}

export const databases: Indexes<Database> = new Indexes<Database>({
  system: "orama",
  primitive: "search",
  // The package itself makes ids of digits, which are no names.
  nameOf: ({ id }) => id,
  typeOf,
  sizeOf: (database) => ({ documents: documentsIn(database), dimensions: dimensionsOf(database) }),
});
