import { metricHistory } from "../health/lookout.ts";
import { metricsAsJson } from "../metrics/json.ts";
import type { Source } from "./index.ts";
import type { Page } from "./page.ts";

/** The metrics for programs that do not read the format of Prometheus: everybody who may read `/metrics` may ask. */
export const metricPages = ({ reader }: Source): [string, Page][] => [
  [
    "/metrics.json",
    {
      isForAdministrators: false,
      methods: { GET: async () => ({ status: 200, body: { metrics: await metricsAsJson(reader) } }) },
    },
  ],
  [
    "/metrics/history.json",
    {
      isForAdministrators: false,
      methods: { GET: ({ query }) => ({ status: 200, body: metricHistory.past(query.get("name") ?? "") }) },
    },
  ],
];
