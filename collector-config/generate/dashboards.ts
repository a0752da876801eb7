import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as GaugeBuilder } from "@grafana/grafana-foundation-sdk/gauge";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as CurveBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import type { Alert } from "../definitions/alert.ts";
import type { Board, Panel } from "../definitions/board.ts";
import { Query, type Vocabulary } from "./promql.ts";
import { runbookOf } from "./rules.ts";

/** Conditions that the variables of a dashboard add to each series that has the label. */
export const VARIABLES = {
  job: '=~"$job"',
  instance: '=~"$instance"',
  db_namespace: '=~"$database"',
  storage_cache_name: '=~"$cache"',
} as const;

const METRICS_SOURCE = { type: "prometheus", uid: "${metrics}" };
const TAG = "stratascope";
const HEIGHT = 8;
const WIDTH = { stat: 4, gauge: 4, table: 12, curve: 8 } as const;

/** Variables of Grafana. PromQL's grammar has none, so an unusual duration and number replace them while a query is parsed. */
const STAND_INS = [
  ["$__rate_interval", "1m1s"],
  ["$price", "0.000000401"],
] as const;

const withStandIns = (text: string): string =>
  STAND_INS.reduce((query, [variable, standIn]) => query.replaceAll(variable, standIn), text);

/**
 * Returns the queries of a panel as Grafana sends them, except for the values of variables.
 * @throws QueryError
 */
export const panelQueries = ({ queries }: Panel, vocabulary: Vocabulary): Query[] =>
  queries.map(([text]) => new Query(withStandIns(text), vocabulary));

export const narrowed = (query: Query): string =>
  STAND_INS.reduce((text, [variable, standIn]) => text.replaceAll(standIn, variable), query.where(VARIABLES));

/** Writes the JSON of a dashboard, to be imported into Grafana or provisioned. */
export function emitDashboard(board: Board, alerts: readonly Alert[], vocabulary: Vocabulary): string {
  const builder = new dashboard.DashboardBuilder(board.title)
    .uid(`stratascope-${board.id}`)
    .description(board.description)
    .tags([TAG])
    .refresh("10s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .readonly()
    .variables(variables(board))
    .link(
      new dashboard.DashboardLinkBuilder("stratascope")
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
  for (const { title, panels } of board.rows) {
    builder.withRow(new dashboard.RowBuilder(title));
    for (const panel of panels) builder.withPanel(buildPanel(panel, alerts, vocabulary));
  }
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`;
}

const source = (name: string, label: string, type: string): dashboard.DatasourceVariableBuilder =>
  new dashboard.DatasourceVariableBuilder(name).label(label).type(type);

const choice = (name: string, label: string, query: string): dashboard.QueryVariableBuilder =>
  new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(METRICS_SOURCE)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*");

type Variable = dashboard.DatasourceVariableBuilder | dashboard.QueryVariableBuilder | dashboard.TextBoxVariableBuilder;

function variables({ choices = [], inputs = [] }: Board): Variable[] {
  return [
    source("metrics", "Metrics", "prometheus"),
    source("traces", "Traces", "jaeger"),
    choice("job", "Service", "label_values(target_info, job)"),
    choice("instance", "Instance", 'label_values(target_info{job=~"$job"}, instance)'),
    choice(
      "database",
      "Database",
      'label_values(db_client_operation_duration_seconds_count{job=~"$job", instance=~"$instance"}, db_namespace)',
    ),
    ...choices.map(({ name, title, metric, label }) =>
      choice(name, title, `label_values(${metric}{job=~"$job", instance=~"$instance"}, ${label})`),
    ),
    ...inputs.map(({ name, title, description, value }) =>
      new dashboard.TextBoxVariableBuilder(name).label(title).description(description).defaultValue(value),
    ),
  ];
}

type AnyBuilder = StatBuilder | GaugeBuilder | TableBuilder | CurveBuilder;

function buildPanel(panel: Panel, alerts: readonly Alert[], vocabulary: Vocabulary): AnyBuilder {
  const queries = panelQueries(panel, vocabulary);
  const alert = alerts.find(({ name }) => name === panel.alert);
  if (alert === undefined && panel.alert !== undefined) throw new Error(`there is no alert ${panel.alert}`);
  const builder = shapeOf(panel)
    .title(panel.title)
    .description(describe(panel, queries))
    .datasource(METRICS_SOURCE)
    .unit(panel.unit)
    .span(panel.width ?? WIDTH[panel.kind ?? "curve"])
    .height(panel.kind === "stat" ? HEIGHT / 2 : HEIGHT)
    .links(linksOf(alert))
    .thresholds(thresholdsOf(alert));
  for (const [i, query] of queries.entries()) builder.withTarget(buildQuery(panel, query, i));
  return builder;
}

function shapeOf({ kind, alert }: Panel): AnyBuilder {
  if (kind === "table") return new TableBuilder();
  if (kind === "gauge") return new GaugeBuilder().min(0).max(1);
  if (kind === "stat") {
    return new StatBuilder()
      .graphMode(common.BigValueGraphMode.Area)
      .colorMode(alert === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value);
  }
  const style = alert === undefined ? common.GraphThresholdsStyleMode.Off : common.GraphThresholdsStyleMode.Dashed;
  return new CurveBuilder()
    .fillOpacity(8)
    .min(0)
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(style))
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.Table)
        .placement(common.LegendPlacement.Bottom)
        .calcs(["lastNotNull", "max"])
        .showLegend(true),
    );
}

function buildQuery({ queries, kind }: Panel, query: Query, i: number): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCodePoint("A".codePointAt(0)! + i))
    .datasource(METRICS_SOURCE)
    .expr(narrowed(query))
    .legendFormat(queries[i]![1])
    .exemplar(kind === undefined && query.usesBuckets);
  return kind === "table" ? builder.instant().format(PromQueryFormat.Table) : builder.range();
}

/** Returns the description of a panel: its note, then those of its metrics in the registry. */
function describe({ note }: Panel, queries: readonly Query[]): string {
  const metrics = new Set(queries.flatMap((query) => query.metrics));
  return [...(note === undefined ? [] : [note]), ...[...metrics].map(({ name, brief }) => `${name}: ${brief}`)].join(
    "\n\n",
  );
}

/** Returns the thresholds of a panel: green up to the threshold of the alert, red beyond, or the other way round. */
function thresholdsOf(alert: Alert | undefined): dashboard.ThresholdsConfigBuilder {
  const builder = new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute);
  if (alert === undefined) return builder.steps([{ value: null, color: "green" }]);
  const isLow = alert.expression.includes("< $threshold");
  return builder.steps([
    { value: null, color: isLow ? "red" : "green" },
    { value: alert.threshold, color: isLow ? "green" : "red" },
  ]);
}

/** Address of Grafana's page for searching the traces of the selected services. */
const TRACES_PAGE = `/explore?schemaVersion=1&panes=${JSON.stringify({
  traces: {
    datasource: "${traces}",
    queries: [{ refId: "A", queryType: "search", service: "${job}" }],
    range: { from: "${__from}", to: "${__to}" },
  },
})}`;

const link = (title: string, url: string): dashboard.DashboardLinkBuilder =>
  new dashboard.DashboardLinkBuilder(title).type(dashboard.DashboardLinkType.Link).url(url).targetBlank(true);

function linksOf(alert: Alert | undefined): dashboard.DashboardLinkBuilder[] {
  const traces = link("Traces of the service", TRACES_PAGE);
  return alert === undefined ? [traces] : [link(`Runbook: ${alert.name}`, runbookOf(alert.name)), traces];
}
