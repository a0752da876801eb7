import { diagnose } from "./status.ts";
import { OVERRIDABLE_SETTINGS, type OverridableSetting } from "./overrides.ts";
import { alertRules, alerts } from "../../alerts/index.ts";
import { log } from "../../runtime/self-log.ts";
import type { Source } from "../../server/index.ts";
import { bodyOf, decoded, Refusal, type RouteResponse, type Route, type RouteRequest } from "./route.ts";

const ok = (body: unknown): RouteResponse => ({ status: 200, body });

/** Returns the routes that only this machine and clients with the token may access. */
export const adminPages = ({ config }: Source): [string, Route][] => [
  ["/debug/status", { isForAdministrators: true, methods: { GET: async () => ok(await diagnose(config)) } }],
  ["/debug/alerts", { isForAdministrators: true, methods: { GET: () => ok(alertsNow()) } }],
  ...Object.entries(OVERRIDABLE_SETTINGS).flatMap(([name, settingOf]): [string, Route][] => {
    const route = settingRoute(name, settingOf, config.incidentSeconds);
    return [
      [`/debug/${name}`, route],
      [`/debug/${name}/`, route],
    ];
  }),
];

function alertsNow(): object {
  const active = alerts.active().map(({ rule, attributes, value, firedAt }) => ({
    name: rule.name,
    severity: rule.severity,
    attributes,
    value,
    triggered_at: new Date(firedAt).toISOString(),
    message: rule.message,
  }));
  return { active, rules: alertRules() };
}

/** Maximum number of characters in the name of a part. */
const MAX_NAME = 200;

/** Maximum number of seconds for which a setting may be overridden. */
const MAX_SECONDS = 86_400;

function stateOf(setting: OverridableSetting): RouteResponse {
  const { until, ...values } = setting.state()!;
  return ok({ ...values, until: until === undefined ? null : new Date(until).toISOString() });
}

/**
 * Creates the route of a setting that can be overridden temporarily: read with GET, changed with PUT, restored with
 * DELETE.
 */
function settingRoute(
  name: string,
  settingOf: (part: string) => OverridableSetting | undefined,
  usualSeconds: number,
): Route {
  const find = (request: RouteRequest): OverridableSetting => {
    const part = decoded(request.name);
    // oxlint-disable-next-line no-control-regex -- these would be commands to the terminal that shows our log
    if (part.length > MAX_NAME || /[\0-\x1f\x7f-\x9f]/.test(part)) throw new Refusal(400, "not the name of a part");
    const setting = settingOf(part);
    if (setting === undefined) throw new Refusal(404, `${name} has no parts`);
    if (setting.state() === undefined) throw new Refusal(409, `there is no ${name} of ours to change`);
    return setting;
  };
  const changed = (setting: OverridableSetting, { name: part }: RouteRequest): RouteResponse => {
    const answer = stateOf(setting);
    log.info(`${name}${part === "" ? "" : `/${part}`} was changed: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  return {
    isForAdministrators: true,
    methods: {
      GET: (request) => stateOf(find(request)),
      async PUT(request) {
        const setting = find(request);
        const { value, seconds = usualSeconds } = await bodyOf(request.request);
        if (typeof seconds !== "number" || !(seconds > 0 && seconds <= MAX_SECONDS))
          throw new Refusal(400, `"seconds" has to be a number up to ${MAX_SECONDS}`);
        if (!setting.change(value, seconds)) throw new Refusal(400, `"value" has to be ${setting.accepts}`);
        return changed(setting, request);
      },
      DELETE(request) {
        const setting = find(request);
        setting.restore();
        return changed(setting, request);
      },
    },
  };
}
