// Nothing is preloaded or started: what is observed goes where the application's SDK sends it.
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { instrumentations, metricProducer } from "stratascope";

const names = instrumentations().map(({ instrumentationName }) => instrumentationName);
console.log(names.join());
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [metricProducer()] });
const provider = new MeterProvider({ readers: [reader] });
const { default: Database } = await import("better-sqlite3");
const db = new Database(":memory:");
const insert = db.exec("CREATE TABLE orders (id)").prepare("INSERT INTO orders VALUES (?)");
for (let i = 0; i < 7; i++) insert.run(i);
await reader.forceFlush();
const [metrics] = exporter.getMetrics();
const durations = metrics.scopeMetrics
  .flatMap((each) => each.metrics)
  .find(({ descriptor }) => descriptor.name === "db.client.operation.duration");
const point = durations.dataPoints.find(({ attributes }) => attributes["db.query.summary"] === "INSERT orders");
console.log(point.value.count);
await provider.shutdown();
