import type { InputSeries } from "../alert.ts";

/** Labels of a database in the examples. */
const LABELS = 'job="api",instance="a",db_system_name="rocksdb",db_namespace="orders"';

/** Returns an example of series of a database: their names, with labels beside those of the database, and their values. */
export const example = (series: InputSeries): InputSeries =>
  Object.fromEntries(
    Object.entries(series).map(([name, values]) => {
      const [metric, labels = "}"] = name.split("{");
      return [`${metric}{${LABELS}${labels === "}" ? "" : ","}${labels}`, values];
    }),
  );

/**
 * Returns an example of a histogram with one value a second, all in one bucket.
 * @param labels labels beside those of the database
 * @param bound its upper bound
 */
export const exampleHistogram = (family: string, labels: string, bound: string): InputSeries =>
  example({
    [`${family}_bucket{${labels}le="${bound}"}`]: "0+60x60",
    [`${family}_bucket{${labels}le="+Inf"}`]: "0+60x60",
    ...(labels === ""
      ? { [`${family}_count`]: "0+60x60", [`${family}_sum`]: "0+3x60" }
      : {
          [`${family}_count{${labels.slice(0, -1)}}`]: "0+60x60",
          [`${family}_sum{${labels.slice(0, -1)}}`]: "0+3x60",
        }),
  });

/** Returns the query of a quantile of a histogram by some labels. */
export const quantile = (share: number, by: string, family: string): string =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(${family}_bucket[$__rate_interval])))`;
