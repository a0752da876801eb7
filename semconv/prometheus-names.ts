/** Parts of a metric that determine its name in Prometheus. */
export interface NamedMetric {
  readonly name: string;
  /** UCUM, as OpenTelemetry writes it. */
  readonly unit: string;
  readonly instrument: "counter" | "updowncounter" | "gauge" | "histogram";
}

/** UCUM units and their words in Prometheus: the table of OpenTelemetry's Prometheus compatibility specification. */
const UNIT_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
  }),
);

const PER_UNIT_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    s: "second",
    m: "minute",
    min: "minute",
    h: "hour",
    d: "day",
    w: "week",
    mo: "month",
    y: "year",
  }),
);

/** Maximum number of characters of an instrument name, and of a unit, in OpenTelemetry; the rest is cut. */
const MAX_NAME_LENGTH = 255;
const MAX_UNIT_LENGTH = 63;

/** Returns the words of a unit: `By/s` → `bytes` and `second`. An annotation in braces has none. */
function unitWords(unit: string): { main: string; per: string } {
  const [main = "", per = ""] = unit
    .slice(0, MAX_UNIT_LENGTH)
    .split("/")
    .map((part) => part.replace(/\{[^{}]*\}/g, "").trim());
  return {
    main: tokens(UNIT_WORDS.get(main) ?? main).join("_"),
    per: tokens(PER_UNIT_WORDS.get(per) ?? per).join("_"),
  };
}

/** Returns the unit in Prometheus' words, `bytes_per_second`; empty if the unit has none. */
export function prometheusUnit(unit: string): string {
  const { main, per } = unitWords(unit);
  return [main, per && `per_${per}`].filter((word) => word !== "").join("_");
}

const tokens = (name: string): string[] => name.split(/[^A-Za-z0-9:]+/).filter((token) => token !== "");

/**
 * Returns the name of a metric family as Prometheus itself gives it to metrics that arrive over OTLP, so that a
 * scraped series and a pushed one are the same series: the unit's word unless the name has it already, then
 * `total` for counters and `ratio` for dimensionless gauges. A name of which no character is allowed is `_`, as each of
 * them becomes one; a counter that is called nothing but `total` keeps that and has its suffix.
 */
export function prometheusName({ name, unit, instrument }: NamedMetric): string {
  const { main, per } = unitWords(unit);
  let words = tokens(name.slice(0, MAX_NAME_LENGTH));
  if (words.length === 0) words.push("_");
  if (main !== "" && !words.includes(main)) words.push(main);
  if (per !== "" && !words.includes(per)) words.push("per", per);
  if (instrument === "counter") words = [...without("total", words), "total"];
  if (instrument === "gauge" && unit === "1") words = [...words.filter((word) => word !== "ratio"), "ratio"];
  return notDigitFirst(words.join("_"));
}

function without(word: string, words: readonly string[]): readonly string[] {
  const others = words.filter((each) => each !== word);
  return others.length === 0 ? [word] : others;
}

/** Returns a label name: characters that Prometheus discourages become `_`. */
export function prometheusLabel(key: string): string {
  const name = key
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[^A-Za-z0-9_]/g, "_")
    .replace(/_{2,}/g, "_");
  return notDigitFirst(name) || "_";
}

const notDigitFirst = (name: string): string => (/^[0-9]/.test(name) ? `_${name}` : name);
