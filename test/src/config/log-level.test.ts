import { expect } from "chai";
import { describe, it } from "mocha";
import { readConfig } from "../../../src/config/index.ts";
import { ruleFor, type LogThreshold } from "../../../src/config/log-level.ts";

describe("the level of a subsystem", () => {
  const rules = new Map<string, LogThreshold>([
    ["", "warn"],
    ["db", "debug"],
    ["db.sqlite.wal", "off"],
  ]);

  for (const [subsystem, level] of [
    ["api", "warn"],
    ["db", "debug"],
    ["db.sqlite", "debug"],
    ["db.sqlite.wal", "off"],
    ["db.sqlite.wal.file", "off"],
    ["dbx", "warn"],
  ] as const) {
    it(`is ${level} for ${subsystem}`, () => {
      expect(ruleFor(subsystem, rules)).to.equal(level);
    });
  }

  it("is info by default", () => {
    expect(ruleFor("api", new Map())).to.equal("info");
  });
});

describe("the settings of logs", () => {
  const read = (name: string, value: string): ReturnType<typeof readConfig> => readConfig({ [name]: value });

  it("have levels for all and by subsystem", () => {
    const { config, problems } = read("STRATASCOPE_LOG_LEVELS", "WARN, api = debug,db.sqlite=off");
    expect(problems).to.deep.equal([]);
    expect(config.logLevels).to.deep.equal({ "": "warn", api: "debug", "db.sqlite": "off" });
  });

  it("report an invalid entry, and use the rest", () => {
    const { config, problems } = read("STRATASCOPE_LOG_LEVELS", "warn,api=loud");
    expect(problems).to.deep.equal([
      'STRATASCOPE_LOG_LEVELS="warn,api=loud" has an entry "api=loud" that is not a level or subsystem=level; using warn',
    ]);
    expect(config.logLevels).to.deep.equal({ "": "warn" });
  });

  it("have ratios from 0 to 1", () => {
    const accepted = read("STRATASCOPE_LOG_SAMPLING", "1,production=0.1,staging=0");
    expect(accepted.config.logSampling).to.deep.equal({ "": 1, production: 0.1, staging: 0 });
    for (const value of ["1.01", "-0.1", "production=", "production=x"]) {
      const { config, problems } = read("STRATASCOPE_LOG_SAMPLING", value);
      expect(problems).to.have.length(1);
      expect(config.logSampling).to.deep.equal({});
    }
  });

  it("have headers with valid names", () => {
    expect(read("STRATASCOPE_CORRELATION_HEADER", "X-Trace").config.correlationHeader).to.equal("x-trace");
    const { config, problems } = read("STRATASCOPE_CORRELATION_HEADER", "x trace");
    expect(problems).to.have.length(1);
    expect(config.correlationHeader).to.equal("x-correlation-id");
  });
});
