import { cache } from "./boards/cache.ts";
import { compaction } from "./boards/compaction.ts";
import { collectors } from "./boards/collectors.ts";
import { cost } from "./boards/cost.ts";
import { health } from "./boards/health.ts";
import { http } from "./boards/http.ts";
import { operations } from "./boards/operations.ts";
import { overview } from "./boards/overview.ts";
import { search } from "./boards/search.ts";
import { space } from "./boards/space.ts";
import { wal } from "./boards/wal.ts";
import { cacheAlerts } from "./alerts/cache.ts";
import { dataAlerts } from "./alerts/data.ts";
import { lsmAlerts } from "./alerts/lsm.ts";
import { spaceAlerts } from "./alerts/space.ts";
import { healthAlerts } from "./alerts/health.ts";
import { serviceAlerts } from "./alerts/service.ts";
import { transactionAlerts } from "./alerts/transactions.ts";
import { walAlerts } from "./alerts/wal.ts";

export { foreign } from "./foreign.ts";
export { objectives } from "./objectives.ts";
export { recipes } from "./queries.ts";
export { recordings } from "./recordings.ts";

export const boards = [overview, health, operations, wal, compaction, space, search, cache, http, cost, collectors];

/** Alerts by the group Prometheus evaluates them in. */
export const alertGroups = {
  wal: walAlerts,
  transactions: transactionAlerts,
  data: dataAlerts,
  lsm: lsmAlerts,
  space: spaceAlerts,
  cache: cacheAlerts,
  health: healthAlerts,
  service: serviceAlerts,
};
