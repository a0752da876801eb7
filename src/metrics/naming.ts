/** What of a metric decides its name in Prometheus. */
export interface NamedMetric {
  readonly name: string;
  /** UCUM, as OpenTelemetry writes it. */
  readonly unit: string;
  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";
}

/** UCUM units and their words in Prometheus: the table of OpenTelemetry's Prometheus compatibility specification. */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  TiBy: "tebibytes",
  kBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  TBy: "terabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "%": "percent",
  "1": "",
};

const PER_UNIT_WORDS: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  min: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year",
};

/** The words of a unit: `By/s` → `bytes` and `second`. What stands in braces is a remark and has none. */
function unitWords(unit: string): { main: string; per: string } {
  const [main = "", per = ""] = unit.split("/").map((part) => part.replace(/\{[^}]*\}/g, "").trim());
  return { main: tokens(UNIT_WORDS[main] ?? main).join("_"), per: tokens(PER_UNIT_WORDS[per] ?? per).join("_") };
}

/** The unit in Prometheus' words, `bytes_per_second`; empty where the unit has none. */
export function prometheusUnit(unit: string): string {
  const { main, per } = unitWords(unit);
  return [main, per && `per_${per}`].filter((word) => word !== "").join("_");
}

const tokens = (name: string): string[] => name.split(/[^A-Za-z0-9:]+/).filter((token) => token !== "");

/**
 * The name of a metric family as Prometheus itself gives it to metrics that arrive over OTLP, so that a
 * scraped series and a pushed one are the same series: the unit's word unless the name has it already, then
 * `total` for counters and `ratio` for dimensionless gauges.
 */
export function prometheusName({ name, unit, instrument }: NamedMetric): string {
  const { main, per } = unitWords(unit);
  let words = tokens(name);
  if (main !== "" && !words.includes(main)) words.push(main);
  if (per !== "" && !words.includes(per)) words.push("per", per);
  if (instrument === "counter") words = [...words.filter((word) => word !== "total"), "total"];
  if (instrument === "gauge" && unit === "1") words = [...words.filter((word) => word !== "ratio"), "ratio"];
  return notDigitFirst(words.join("_"));
}

/** A label name: what Prometheus discourages becomes `_`. */
export function prometheusLabel(key: string): string {
  return notDigitFirst(key.replace(/[^A-Za-z0-9_]/g, "_").replace(/_{2,}/g, "_"));
}

const notDigitFirst = (name: string): string => (/^[0-9]/.test(name) ? `_${name}` : name);
