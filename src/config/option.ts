/** Result of parsing a text. If there is a problem, the value is the valid part of the text, if any. */
export interface Parsed<T> {
  readonly value?: T;
  readonly problem?: string;
}

/** Conversion of the text of an environment variable to a value. */
export interface OptionKind<T> {
  /** Description of valid texts, for people. */
  readonly accepts: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly show: (value: T) => string;
  /** True if a value must never be repeated. */
  readonly isSecret?: boolean;
  /** Removes the secrets from an invalid text before it is reported. */
  readonly redact?: (text: string) => string;
}

/** One setting: its variable, its kind and its default. */
export interface Option<T, Fallback = T> {
  readonly variable: string;
  readonly kind: OptionKind<T>;
  readonly fallback: Fallback;
  /** Purpose, in a sentence. */
  readonly doc: string;
  /**
   * True if the variable is also read under its name in lower case, which goes first, as for variables that tools
   * share.
   */
  readonly isInLowerCase?: boolean;
}

// oxlint-disable-next-line max-params -- a row of a table
export const option = <T>(variable: string, kind: OptionKind<T>, fallback: NoInfer<T>, doc: string): Option<T> => ({
  variable,
  kind,
  fallback,
  doc,
});

/** Returns a setting without a default. */
export const optional = <T>(variable: string, kind: OptionKind<T>, doc: string): Option<T, T | undefined> => ({
  variable,
  kind,
  fallback: undefined,
  doc,
});

const kind = <T>(
  accepts: string,
  read: (text: string) => T | undefined,
  show: (value: T) => string = String,
): OptionKind<T> => ({
  accepts,
  parse: (text) => {
    const value = read(text);
    return value === undefined ? { problem: `is not ${accepts}` } : { value };
  },
  show,
});

const BOOLEANS = new Map([
  ["true", true],
  ["false", false],
]);

export const boolean: OptionKind<boolean> = kind("true or false", (word) => BOOLEANS.get(word.toLowerCase()));

export const text: OptionKind<string> = kind("a text", (value) => value);

/** Host name or IP address. IPv6 is accepted with and without brackets. */
export const host: OptionKind<string> = kind("a name or an address", (value) => value.replace(/^\[([^\]]*)\]$/, "$1"));

/** Text that must not be shown. */
export const secret: OptionKind<string> = { ...text, isSecret: true };

/** URL that OTLP can be sent to, unchanged. It may begin with a user and a password. */
export const url: OptionKind<string> = {
  ...kind("an http or https URL", (address) =>
    /^https?:\/\//i.test(address) && URL.canParse(address) ? address : undefined,
  ),
  redact: (address) => address.slice(address.lastIndexOf("@") + 1).replace(/\?.*/s, ""),
};

/** URL of a proxy; a host alone is an HTTP proxy. */
export const proxy: OptionKind<string> = {
  ...kind("an http or https proxy", (given) => {
    const address = given.includes("://") ? given : `http://${given}`;
    return url.parse(address).value;
  }),
  isSecret: true,
  show: () => "none",
};

/** Returns a kind for whole numbers within bounds, in the unit of the option. */
export const whole = (min: number, max: number = Number.MAX_SAFE_INTEGER): OptionKind<number> =>
  kind(
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    (digits) => {
      const value = Number(digits);
      return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
    },
  );

/** Returns a kind for milliseconds, up to the longest delay of a timer of Node.js: a longer one fires at once. */
export const milliseconds = (min: number): OptionKind<number> => whole(min, 2 ** 31 - 1);

/** Number that is not negative. */
export const amount: OptionKind<number> = kind("a number from 0", (digits) => {
  const value = Number(digits);
  return value >= 0 && value !== Infinity ? value : undefined;
});

export const ratio: OptionKind<number> = kind("a number from 0 to 1", (digits) => {
  const value = Number(digits);
  return value >= 0 && value <= 1 ? value : undefined;
});

/** Name of an HTTP header, in lower case as in Node.js. */
export const headerName: OptionKind<string> = kind("the name of a header", (name) =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? name.toLowerCase() : undefined,
);

/** Returns a kind for one of several words, in any case. */
export const choice = <T extends string>(...choices: readonly T[]): OptionKind<T> =>
  kind(`one of ${choices.join(", ")}`, (word) => choices.find((known) => known === word.toLowerCase()));

/** Returns a kind for a list of known words. Unknown words are left out. */
export const words = <T extends string>(...choices: readonly T[]): OptionKind<readonly T[]> => ({
  accepts: `any of ${choices.join(", ")}`,
  parse: (text) => {
    const given = [
      ...new Set(
        text
          .split(",")
          .map((word) => word.trim())
          .filter((word) => word !== ""),
      ),
    ];
    const choiceOf = (word: string): T | undefined => choices.find((choice) => choice === word.toLowerCase());
    const known = [...new Set(given.map(choiceOf).filter((word) => word !== undefined))];
    const unknown = given.filter((word) => choiceOf(word) === undefined);
    const value = known.length > 0 ? { value: known } : undefined;
    return unknown.length === 0
      ? { ...value }
      : {
          ...value,
          problem: `has ${unknown.map((word) => `"${word}"`).join(", ")}, which is not one of ${choices.join(", ")}`,
        };
  },
  show: (value) => value.join(","),
});

/** List of arbitrary words. */
export const list: OptionKind<readonly string[]> = {
  accepts: "words, separated by commas",
  parse: (text) => ({
    value: text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  }),
  show: (value) => value.join(","),
};

/** `key=value` pairs, percent-encoded, in OpenTelemetry's syntax for attributes in a variable. */
export const pairs: OptionKind<Readonly<Record<string, string>>> = {
  accepts: "key=value pairs",
  parse: (text) => {
    const value: Record<string, string> = {};
    const broken: string[] = [];
    for (const pair of text.split(",").filter((part) => part.trim() !== "")) {
      const [, key, encoded] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(pair) ?? [];
      const decoded = encoded === undefined ? undefined : decode(encoded.trim());
      if (key === undefined || decoded === undefined) broken.push(pair.trim().split("=", 1)[0]!);
      else value[key] = decoded;
    }
    return broken.length === 0
      ? { value }
      : { value, problem: `has an entry at "${broken[0]}" that is no key=value pair` };
  },
  show: (value) => (Object.keys(value).length === 0 ? "the rest" : Object.keys(value).join(",")),
};

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Valid names and values of HTTP headers. */
const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Pairs whose values are credentials. */
export const headers: OptionKind<Readonly<Record<string, string>>> = {
  ...pairs,
  isSecret: true,
  show: (value) => Object.keys(value).join(", ") || "none",
  parse: (text) => {
    const { value: given = {}, problem } = pairs.parse(text);
    const value = Object.fromEntries(
      Object.entries(given).filter(([name, each]) => NAME.test(name) && TEXT.test(each)),
    );
    if (problem !== undefined) return { value, problem: "has a part that is not key=value" };
    const isWhole = Object.keys(value).length === Object.keys(given).length;
    return isWhole ? { value } : { value, problem: "has a part that cannot be a header" };
  },
};

/** Returns no exporters or propagators if one of them is `none`. */
export const withoutNone = <T extends string>(names: readonly T[]): readonly T[] =>
  names.includes("none" as T) ? [] : names;
