import type { Alert } from "../alert.ts";
import { BY_DATABASE, one, TARGET } from "./series.ts";

const DATABASE = { ...TARGET, db_system_name: "lmdb", db_namespace: "sessions" };

const DATA = 'storage_space_allocated_bytes{storage_space_state="live"}';
const FILES = 'storage_space_usage_bytes{storage_file_type="table"}';

/** Bytes of data, as far as the engine reports them; otherwise of the files. */
const USED = `(sum ${BY_DATABASE} (${DATA}) or sum ${BY_DATABASE} (${FILES}))`;
const IN_A_DAY = `(sum ${BY_DATABASE} (predict_linear(${DATA}[6h], 86400)) or sum ${BY_DATABASE} (predict_linear(${FILES}[6h], 86400)))`;
const LIMIT = `sum ${BY_DATABASE} (storage_space_limit_bytes)`;

/** Alerts on limits of space. */
export const spaceAlerts: readonly Alert[] = [
  {
    name: "StorageLimitNear",
    severity: "warning",
    for: "30m",
    expression: `${USED} / ${LIMIT} > $threshold
and ${IN_A_DAY} > ${LIMIT}`,
    threshold: 0.8,
    summary:
      "{{ $labels.db_namespace }} takes {{ $value | humanizePercentage }} of the space that it may take, and will take all of it in a day.",
    meaning:
      "The data of a database takes more than 80 % of the limit of its engine, such as the map of LMDB, and at the rate of the last hours it reaches the limit within a day.",
    impact: "None yet. At the limit, writes fail (`MDB_MAP_FULL`), unless the engine enlarges its map by itself.",
    look: [
      ["used and free bytes", "sum by (instance, db_namespace, storage_space_state) (storage_space_allocated_bytes)"],
      ["the limit", "sum by (instance, db_namespace) (storage_space_limit_bytes)"],
      [
        "commits since the oldest snapshot, whose pages cannot be reused",
        "max by (instance, db_namespace) (storage_reader_lag)",
      ],
      ["records", "sum by (instance, db_namespace, db_collection_name) (storage_record_count)"],
    ],
    actions: [
      "lmdb that was opened without `mapSize` enlarges its map: nothing is to be done.",
      "With `mapSize`: open the database with a larger one. It is address space, not memory, so that a generous value costs nothing.",
      "A reader lags behind: it keeps pages from being reused, see the page on StorageLongSnapshot.",
      "The data grows: delete old data.",
    ],
    fires: {
      series: {
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "live" }, "600000000+1000000x480"),
        ...one("storage_space_limit_bytes", DATABASE, "1073741824x480"),
      },
      at: "7h",
      labels: DATABASE,
      summary: "sessions takes 94.99% of the space that it may take, and will take all of it in a day.",
    },
    silent: {
      series: {
        ...one("storage_space_allocated_bytes", { ...DATABASE, storage_space_state: "live" }, "1000000000x480"),
        ...one("storage_space_limit_bytes", DATABASE, "1073741824x480"),
      },
      at: "7h",
    },
  },
];
