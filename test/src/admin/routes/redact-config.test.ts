import { expect } from "chai";
import { describe, it } from "mocha";
import { readConfig } from "../../../../src/config/index.ts";
import { redactedConfig } from "../../../../src/admin/routes/redact-config.ts";

describe("the shown settings", () => {
  const shown = (environment: Record<string, string>): Record<string, unknown> =>
    redactedConfig(readConfig(environment).config);

  it("are all settings, with the values in force", () => {
    const { config } = readConfig({});
    const all = redactedConfig(config);
    expect(Object.keys(all)).to.have.length(Object.keys(config).length);
    expect(all).to.include({ OTEL_EXPORTER_PROMETHEUS_PORT: 9464, STRATASCOPE_SPANS: "slow" });
    expect(all["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"]).to.equal(null);
  });

  const SECRETS: readonly (readonly [variable: string, given: string, shown: unknown])[] = [
    ["STRATASCOPE_ADMIN_TOKEN", "abc", "[redacted]"],
    ["STRATASCOPE_ADMIN_TOKEN", "", ""],
    ["OTEL_EXPORTER_OTLP_HEADERS", "authorization=abc", "[redacted]"],
    ["OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x=abc", "[redacted]"],
    ["STRATASCOPE_ALERTS_WEBHOOK", "https://hooks.example.com/abc", "[redacted]"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:abc@collector:4318/v1?key=abc#abc", "https://collector:4318/v1"],
    ["OTEL_RESOURCE_ATTRIBUTES", "db.password=abc,team=storage", { "db.password": "[redacted]", team: "storage" }],
    ["STRATASCOPE_SPOOL_FOLDER", "/home/abc/spool", "…/spool"],
    ["OTEL_CONFIG_FILE", "/etc/abc/otel.yaml", "…/otel.yaml"],
    ["STRATASCOPE_ALERTS", '[{"name":"abc"}]', "[inline]"],
  ];
  for (const [variable, given, expected] of SECRETS) {
    it(`hide secrets: ${variable}=${given}`, () => {
      expect(shown({ [variable]: given })[variable]).to.deep.equal(expected);
    });
  }
});
