/** Labels of series that are not in the registry, by name: those of Prometheus itself, or of a Collector. */
export type ForeignSeries = Readonly<Record<string, readonly string[]>>;

const EXPORTER = ["exporter", "data_type"];
const RECEIVER = ["receiver", "transport"];

/** Series that are queried but not emitted by stratascope: those of Prometheus, of a resource, of the Collectors. */
export const foreign: ForeignSeries = {
  ALERTS: ["alertname", "alertstate", "severity"],
  up: [],
  scrape_duration_seconds: [],
  scrape_samples_scraped: [],
  target_info: ["process_runtime_version", "service_version", "telemetry_distro_version"],
  otelcol_receiver_accepted_spans_total: RECEIVER,
  otelcol_receiver_accepted_metric_points_total: RECEIVER,
  otelcol_receiver_accepted_log_records_total: RECEIVER,
  otelcol_receiver_refused_spans_total: RECEIVER,
  otelcol_exporter_sent_spans_total: EXPORTER,
  otelcol_exporter_send_failed_spans_total: EXPORTER,
  otelcol_exporter_queue_size: EXPORTER,
  otelcol_exporter_queue_capacity: EXPORTER,
  otelcol_processor_tail_sampling_count_traces_sampled_total: ["policy", "sampled"],
  otelcol_process_cpu_seconds_total: [],
  otelcol_process_memory_rss_bytes: [],
};
