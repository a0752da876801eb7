import { metricHistory } from "../health/service.ts";
import { SharedRun } from "../../runtime/shared-run.ts";
import { metricsAsJson, type JsonSeries } from "./metrics-json.ts";
import type { Source } from "../../server/index.ts";
import type { Route } from "./route.ts";

/** Maximum number of characters of the series on a page. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Returns the routes of metrics as JSON, for clients that do not read the Prometheus format; they are as accessible as
 * `/metrics`.
 */
export function metricPages({ metrics: scraped }: Source): [string, Route][] {
  const metrics = new SharedRun(async () => pageOf(await metricsAsJson(scraped?.reader)));
  return [
    [
      "/metrics.json",
      {
        isForAdministrators: false,
        methods: { GET: async () => ({ status: 200, json: await metrics.result() }) },
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
}

/**
 * Serializes the series up to a limit, and the number of series left out. A series that cannot be serialized is skipped
 * alone.
 */
export function pageOf(series: readonly JsonSeries[], max = MAX_CHARACTERS): string {
  const texts: string[] = [];
  let left = max;
  for (const each of series) {
    const text = textOf(each);
    if (text === undefined || text.length > left) continue;
    left -= text.length;
    texts.push(text);
  }
  const omitted = series.length - texts.length;
  return `{"metrics":[${texts.join(",")}]${omitted === 0 ? "" : `,"omitted":${omitted}`}}`;
}

function textOf(series: JsonSeries): string | undefined {
  try {
    return JSON.stringify(series);
  } catch {
    return undefined;
  }
}
