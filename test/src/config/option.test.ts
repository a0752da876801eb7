import { expect } from "chai";
import { describe, it } from "mocha";
import { seeded } from "../../helpers/random.ts";
import { OPTIONS, readConfig, type Config } from "../../../src/config/index.ts";
import { amount, type Option } from "../../../src/config/option.ts";

type Name = keyof Config;
const NAMES = Object.keys(OPTIONS) as Name[];
const variableOf = (name: Name): string => OPTIONS[name].variable;
const DEFAULTS = Object.fromEntries(NAMES.map((name) => [name, OPTIONS[name].fallback]));

const read = (name: Name, value: string): { value: unknown; problems: string[] } => {
  const { config, problems } = readConfig({ [variableOf(name)]: value });
  return { value: config[name], problems };
};

const ACCEPTED: readonly (readonly [Name, string, unknown])[] = [
  ["disabled", "TRUE", true],
  ["http", "OFF", "off"],
  ["serviceName", "  my shop ", "my shop"],
  ["logLevel", "WARN", "warn"],
  ["sampler", "parentbased_traceidratio", "parentbased_traceidratio"],
  ["prometheusHost", "[::1]", "::1"],
  ["prometheusHost", "::", "::"],
  ["prometheusPort", "0", 0],
  ["prometheusPort", "65535", 65_535],
  ["spanQueueSize", "1", 1],
  ["metricInterval", "1", 1],
  ["metricInterval", "2147483647", 2 ** 31 - 1],
  ["spanDelay", "2147483647", 2 ** 31 - 1],
  ["samplerRatio", "0", 0],
  ["samplerRatio", "1.0", 1],
  ["samplerRatio", "1e-3", 0.001],
  ["slowSpanMilliseconds", "0", 0],
  ["slowSpanMilliseconds", "0.25", 0.25],
  ["attributeLengthLimit", "0", 0],
  ["tracesExporters", "otlp", ["otlp"]],
  ["metricsExporters", " prometheus ,otlp,, prometheus", ["prometheus", "otlp"]],
  ["metricsExporters", "OTLP,Prometheus", ["otlp", "prometheus"]],
  ["resourceAttributes", "a=1, b.c = x%20y%2Cz ,d=,e=f=g", { a: "1", "b.c": "x y,z", d: "", e: "f=g" }],
];

/** The setting, a value, what is said of it, and what is used instead. */
const REJECTED: readonly (readonly [Name, string, string, string, unknown?])[] = [
  ["disabled", "1", "is not true or false", "false"],
  ["disabled", "constructor", "is not true or false", "false"],
  ["http", "__proto__", "is not one of on, instrumentation-http, off", "on"],
  ["logLevel", "warning", "is not one of none, error, warn, info, debug, verbose", "warn"],
  [
    "sampler",
    "jaeger_remote",
    "is not one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio",
    "the default",
  ],
  ["prometheusPort", "-1", "is not a whole number from 0 to 65535", "9464"],
  ["prometheusPort", "65536", "is not a whole number from 0 to 65535", "9464"],
  ["prometheusPort", "80.5", "is not a whole number from 0 to 65535", "9464"],
  ["prometheusPort", "http", "is not a whole number from 0 to 65535", "9464"],
  ["spanQueueSize", "0", "is not a whole number from 1", "2048"],
  ["samplerRatio", "1.0001", "is not a number from 0 to 1", "1"],
  ["samplerRatio", "-0.0001", "is not a number from 0 to 1", "1"],
  ["samplerRatio", "NaN", "is not a number from 0 to 1", "1"],
  ["slowSpanMilliseconds", "-1", "is not a number from 0", "1"],
  ["slowSpanMilliseconds", "1e400", "is not a number from 0", "1"],
  ["slowSpanMilliseconds", "1ms", "is not a number from 0", "1"],
  ["tracesExporters", "zipkin", 'has "zipkin", which is not one of otlp, console, none', "otlp"],
  [
    "tracesExporters",
    "zipkin,console,x",
    'has "zipkin", "x", which is not one of otlp, console, none',
    "console",
    ["console"],
  ],
  ["resourceAttributes", "a=1,b,c=2", 'has an entry at "b" that is no key=value pair', "a,c", { a: "1", c: "2" }],
  ["resourceAttributes", "a=%zz", 'has an entry at "a" that is no key=value pair', "the rest", {}],
  ["resourceAttributes", "=1", 'has an entry at "" that is no key=value pair', "the rest", {}],
];

describe("a setting", () => {
  for (const [name, given, value] of ACCEPTED) {
    it(`takes ${variableOf(name)}="${given}"`, () => {
      expect(read(name, given)).to.deep.equal({ value, problems: [] });
    });
  }

  for (const [name, given, problem, instead, value = DEFAULTS[name]] of REJECTED) {
    it(`reports ${variableOf(name)}="${given}" and uses ${instead}`, () => {
      const problems = [`${variableOf(name)}="${given}" ${problem}; using ${instead}`];
      expect(read(name, given)).to.deep.equal({ value, problems });
    });
  }

  it("is limited to the longest timeout of Node.js", () => {
    for (const name of NAMES.filter((each) => OPTIONS[each].doc.startsWith("Milliseconds "))) {
      // Thresholds are compared with, not waited for.
      if (OPTIONS[name].kind === amount) continue;
      const { value, problems } = read(name, "2147483648");
      expect(value, name).to.equal(DEFAULTS[name]);
      expect(problems, name).to.have.length(1);
    }
  });

  it("is unset if it is empty", () => {
    for (const empty of ["", " ", "\t\n"]) {
      const environment = Object.fromEntries(NAMES.map((name) => [variableOf(name), empty]));
      expect(readConfig(environment)).to.deep.equal({ config: DEFAULTS, problems: [] });
    }
  });

  it("given in code takes precedence over the environment, without a false warning", () => {
    const environment = { OTEL_EXPORTER_PROMETHEUS_PORT: "x", OTEL_SERVICE_NAME: "a" };
    const { config, problems } = readConfig(environment, { prometheusPort: 1, serviceName: "b" });
    expect(config).to.deep.equal({ ...DEFAULTS, prometheusPort: 1, serviceName: "b" });
    expect(problems.join("\n")).not.to.include("using 9464");
  });

  it("cannot be changed once it is read", () => {
    const { config } = readConfig({});
    expect(() => Object.assign(config, { prometheusPort: 1 })).to.throw(TypeError);
  });
});

const PIECES =
  "true FALSE constructor __proto__ toString otlp none console prometheus always_on slow warn tracecontext a=b = , ; % %4 %41 " +
  "0 1 7 -1 65535 1e3 1e999 0x10 . NaN Infinity null undefined \" ' ` \\ ${x} http/json é \u{1F600} \ud800 \0 \x1b[2J";

describe("an environment of any kind", () => {
  const random = seeded(7);
  const pieces = [...PIECES.split(" "), " ", "\n", "\r\n", "\u2028"];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const text = (): string => Array.from({ length: 1 + random() * 4 }, () => pick(pieces)).join("");

  it("is read without a throw, 5,000 times: one line for each problem, and values of the right kind", () => {
    for (let i = 0; i < 5_000; i++) {
      const given = new Set(Array.from({ length: 6 }, () => pick(NAMES)));
      const environment = Object.fromEntries(Array.from(given, (name) => [variableOf(name), text()]));
      const { config, problems } = readConfig(environment);
      const lines = problems.map(
        (problem) => /^(\w+)(?:="[^\n\r]*")? (?:is not|has) [^\n\r]*; using [^\n\r]*$/.exec(problem)?.[1],
      );
      expect(lines, problems.join("\n")).not.to.include(undefined);
      expect(problems).to.have.length(new Set(lines).size);
      for (const line of lines) expect(environment).to.have.property(line!);
      const wrong = NAMES.filter((name) => !isOfItsKind(name, config[name]));
      expect(wrong, JSON.stringify(environment)).to.deep.equal([]);
    }
  });
});

/** A value is what is read from its own text. */
function isOfItsKind(name: Name, value: unknown): boolean {
  const { kind, fallback } = OPTIONS[name] as unknown as Option<unknown>;
  if (value === fallback) return true;
  if (name === "resourceAttributes" || /headers$/i.test(name))
    return Object.values(value as object).every((each) => typeof each === "string");
  // What is secret is not shown.
  const text = kind.isSecret === true && typeof value === "string" ? value : kind.show(value);
  return JSON.stringify(kind.parse(text).value) === JSON.stringify(value);
}
