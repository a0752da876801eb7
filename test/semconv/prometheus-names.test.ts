import { expect } from "chai";
import { describe, it } from "mocha";
import { prometheusLabel, prometheusName, prometheusUnit, type NamedMetric } from "../../semconv/prometheus-names.ts";

// The names are those that prometheus/otlptranslator, the code of Prometheus' own OTLP receiver, has in its tests.
const NAMES: readonly (readonly [NamedMetric["instrument"], string, string, string])[] = [
  ["histogram", "http.server.request.duration", "s", "http_server_request_duration_seconds"],
  ["counter", "requests", "", "requests_total"],
  ["counter", "requests_total", "", "requests_total"],
  ["counter", "requests.total.failed", "", "requests_failed_total"],
  ["counter", "storage.operation.records", "{record}", "storage_operation_records_total"],
  ["counter", "cpu.time", "s", "cpu_time_seconds_total"],
  ["counter", "cpu_seconds_total", "s", "cpu_seconds_total"],
  ["counter", "items", "1", "items_total"],
  ["counter", "requests", "1/s", "requests_per_second_total"],
  ["updowncounter", "active_connections", "", "active_connections"],
  ["updowncounter", "storage.space.usage", "By", "storage_space_usage_bytes"],
  ["updowncounter", "storage.status", "1", "storage_status"],
  ["gauge", "cpu_usage", "1", "cpu_usage_ratio"],
  ["gauge", "cpu_usage_ratio", "1", "cpu_usage_ratio"],
  ["gauge", "hit.ratio.recent", "1", "hit_recent_ratio"],
  ["gauge", "response_time_seconds", "s", "response_time_seconds"],
  ["gauge", "seconds.since.start", "s", "seconds_since_start"],
  ["gauge", "throughput", "By/s", "throughput_bytes_per_second"],
  ["gauge", "speed", "m/h", "speed_meters_per_hour"],
  ["gauge", "requests", "{request}/s", "requests_per_second"],
  ["gauge", "custom_metric", "By/{custom}", "custom_metric_bytes"],
  ["gauge", "custom_metric", "custom_unit", "custom_metric_custom_unit"],
  ["gauge", "custom_metric", "unit@with#special/chars", "custom_metric_unit_with_special_per_chars"],
  ["gauge", "metric@@##$$name", "", "metric_name"],
  ["gauge", "_led__by.dots.", "", "led_by_dots"],
  ["gauge", "a:b", "", "a:b"],
  ["gauge", "3rd.party", "", "_3rd_party"],
  // What it refuses, with each character that is not allowed replaced.
  ["updowncounter", "日本語", "", "_"],
  ["counter", "", "By", "__bytes_total"],
  // OpenMetrics describes a counter by its name without the suffix.
  ["counter", "total", "", "total_total"],
  ["counter", "_total.", "{total}", "total_total"],
];

describe("a name in Prometheus", () => {
  for (const [instrument, name, unit, expected] of NAMES) {
    it(`of ${instrument} ${name} in "${unit}" is ${expected}`, () => {
      expect(prometheusName({ name, unit, instrument })).to.equal(expected);
    });
  }

  it("has the words of a unit, not its symbols", () => {
    const units = "d h min s ms us ns By KiBy MiBy GiBy MBy GBy TBy V A J W g Cel Hz % 1 {row} By/s %/min".split(" ");
    expect(units.map((unit) => prometheusUnit(unit) || "-").join(" ")).to.equal(
      "days hours minutes seconds milliseconds microseconds nanoseconds " +
        "bytes kibibytes mebibytes gibibytes megabytes gigabytes terabytes " +
        "volts amperes joules watts grams celsius hertz percent - - bytes_per_second percent_per_minute",
    );
  });

  it("is valid in Prometheus for every name that is valid in OpenTelemetry", () => {
    for (const name of ["a-b/c_d.e", "A.1", "x--y", "db.client.operation.duration"]) {
      expect(prometheusName({ name, unit: "{a}/{b}", instrument: "gauge" })).to.match(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
    }
  });

  it("of a label is without dots, doubled underscores and a digit in front", () => {
    const keys = ["db.system.name", "a-b", "a..b", "a_._b", "1st", "A9", "é.x", "with:colon", "", "💥"];
    const labels = ["db_system_name", "a_b", "a_b", "a_b", "_1st", "A9", "_x", "with_colon", "_", "_"];
    expect(keys.map(prometheusLabel)).to.deep.equal(labels);
  });
});
