import type { HealthCheckType } from "../../../semconv/index.ts";
import type { Config } from "../../config/index.ts";
import type { HealthCheck } from "../../health/check.ts";
import { healthMonitor } from "../health/service.ts";
import type { CheckResult } from "../health/runner.ts";
import { isServing } from "../../health/check.ts";
import { decoded, Refusal, type RouteResponse, type Route } from "./route.ts";

/** Paths whose response is one word instead of the full result. */
const SHORT: readonly (readonly [path: string, type: HealthCheckType, word: string])[] = [
  ["/health", "liveness", "ok"],
  ["/live", "liveness", "ok"],
  ["/ready", "readiness", "ready"],
];

const FULL: readonly (readonly [path: string, type: HealthCheckType])[] = [
  ["/livez", "liveness"],
  ["/healthz", "liveness"],
  ["/health/live", "liveness"],
  ["/readyz", "readiness"],
  ["/health/ready", "readiness"],
];

const route = (make: (name: string) => Promise<RouteResponse>): Route => ({
  isForAdministrators: false,
  methods: { GET: ({ name }) => make(name) },
});

/** Returns the routes for health probes, which are public. */
export function healthPages(config: Config): [string, Route][] {
  const monitor = healthMonitor(config);
  const full = async (type: HealthCheckType): Promise<RouteResponse> => {
    const { state, checks } = await monitor.report(type);
    const body = {
      status: state,
      timestamp: new Date().toISOString(),
      checks: Object.fromEntries(Array.from(checks, ([check, result]) => [check.name, described(check, result)])),
    };
    return { status: isServing(state) ? 200 : 503, body };
  };
  const short = async (type: HealthCheckType, word: string): Promise<RouteResponse> => {
    const { state } = await monitor.report(type);
    return isServing(state) ? { status: 200, body: { status: word } } : { status: 503, body: { status: state } };
  };
  const single = async (type: HealthCheckType, name: string): Promise<RouteResponse> => {
    const [check, result] = (await monitor.result(type, decoded(name))) ?? [];
    if (check === undefined || result === undefined) throw new Refusal(404, "there is no such check");
    return { status: isServing(result.state) ? 200 : 503, body: { name: check.name, ...described(check, result) } };
  };
  const aliases = config.healthAliases.map((path) => [path, "readiness"] as const);
  return [
    ...SHORT.map(([path, type, word]): [string, Route] => [path, route(() => short(type, word))]),
    ...[...FULL, ...aliases].flatMap(([path, type]): [string, Route][] => [
      [path, route(() => full(type))],
      [`${path}/`, route((name) => single(type, name))],
    ]),
  ];
}

const described = ({ required }: HealthCheck, { state, message, time, milliseconds }: CheckResult): object => ({
  status: state,
  message,
  required,
  last_check: new Date(time).toISOString(),
  duration_ms: Math.round(milliseconds * 1000) / 1000,
});
