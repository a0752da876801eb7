import type { Row } from "../board.ts";
import { example, exampleHistogram, quantile } from "./series.ts";

/** How much more than the application asked for is read, written and kept. */
export const amplification: Row = {
  title: "Amplification",
  panels: [
    {
      title: "Read amplification",
      unit: "short",
      note: "Sorted runs that a read may have to search: as the engine reports them, or the files of level 0 and the other levels that have any.",
      alert: "StorageReadAmplification",
      queries: [["instance_db:storage_read_amplification:runs", "{{job}} {{db_namespace}}"]],
      example: example({ "instance_db:storage_read_amplification:runs": "7x60" }),
    },
    {
      title: "Write amplification",
      unit: "short",
      note: "Bytes that flushes and compactions wrote in an hour, divided by those of flushes; since the start, where the engine reports only that.",
      queries: [["instance_db:storage_write_amplification:ratio_rate1h", "{{job}} {{db_namespace}}"]],
      example: example({ "instance_db:storage_write_amplification:ratio_rate1h": "7x60" }),
    },
    {
      title: "Space amplification",
      unit: "short",
      note: "Bytes of the database, divided by those that hold data.",
      queries: [["instance_db:storage_space_amplification:ratio", "{{job}} {{db_namespace}}"]],
      example: example({ "instance_db:storage_space_amplification:ratio": "1.1x60" }),
    },
    {
      title: "Write amplification of compactions",
      unit: "short",
      note: "Of engines that report what a compaction reads.",
      queries: [
        [quantile(0.5, "db_namespace", "storage_compaction_write_amplification"), "median {{db_namespace}}"],
        [quantile(0.99, "db_namespace", "storage_compaction_write_amplification"), "99 % {{db_namespace}}"],
      ],
      example: exampleHistogram("storage_compaction_write_amplification", "", "8"),
    },
    {
      title: "Processor time",
      unit: "s",
      note: "Seconds per second, as the engine counts them.",
      queries: [
        [
          "sum by (db_namespace, storage_cpu_activity) (rate(storage_cpu_time_seconds_total[$__rate_interval]))",
          "{{db_namespace}} {{storage_cpu_activity}}",
        ],
      ],
      example: example({ 'storage_cpu_time_seconds_total{storage_cpu_activity="compaction"}': "0+6x60" }),
    },
  ],
};
