import type { OptionKind } from "./option.ts";
import { LOG_THRESHOLDS, type LevelRules, type LogThreshold } from "./log-level.ts";

/** Splits `value,name=value`. An entry without `=` has an empty name. */
const entriesOf = (text: string): [name: string, value: string][] =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const at = entry.indexOf("=");
      return at === -1 ? ["", entry] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    });

/** Returns a kind for `value,name=value`: one value for all, and others by name. Invalid entries are left out. */
function named<T>(accepts: string, read: (value: string) => T | undefined): OptionKind<Readonly<Record<string, T>>> {
  return {
    accepts,
    parse: (text) => {
      const value: Record<string, T> = {};
      const broken: string[] = [];
      for (const [name, given] of entriesOf(text)) {
        const understood = read(given);
        if (understood === undefined) broken.push(name === "" ? given : `${name}=${given}`);
        else value[name] = understood;
      }
      return broken.length === 0 ? { value } : { value, problem: `has an entry "${broken[0]}" that is not ${accepts}` };
    },
    show: (value) =>
      Object.entries(value)
        .map(([name, each]) => (name === "" ? String(each) : `${name}=${String(each)}`))
        .join(",") || "the default",
  };
}

/** Log levels: `info,api=debug,db.sqlite=off` */
export const levels: OptionKind<LevelRules> = named<LogThreshold>("a level or subsystem=level", (word) =>
  LOG_THRESHOLDS.find((known) => known === word.toLowerCase()),
);

/** Ratios kept, by environment: `0.5,production=0.1` */
export const ratios: OptionKind<Readonly<Record<string, number>>> = named(
  "a number from 0 to 1 or environment=number",
  (digits) => {
    const value = Number(digits);
    return digits !== "" && value >= 0 && value <= 1 ? value : undefined;
  },
);
