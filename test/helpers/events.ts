/** Log records of the test process, kept in memory. */
import { logs } from "@opentelemetry/api";
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
  type ReadableLogRecord,
} from "@opentelemetry/sdk-logs";
import { setFindingPolicy } from "../../src/insights/thresholds.ts";

const exporter = new InMemoryLogRecordExporter();
logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));

/** Default thresholds. */
export const THRESHOLDS = {
  slowOperationMilliseconds: 100,
  blockedMilliseconds: 50,
  longOpenMilliseconds: 1000,
  repeatedThreshold: 10,
};

/** Runs code under thresholds. @returns the events emitted meanwhile */
export function eventsOf(code: () => void, thresholds: Partial<typeof THRESHOLDS> = {}): ReadableLogRecord[] {
  exporter.reset();
  setFindingPolicy({ ...THRESHOLDS, ...thresholds });
  try {
    code();
  } finally {
    setFindingPolicy(THRESHOLDS);
  }
  return exporter.getFinishedLogRecords();
}

/** Returns the events emitted since the last `eventsOf` began. */
export const eventsSoFar = (): ReadableLogRecord[] => [...exporter.getFinishedLogRecords()];
