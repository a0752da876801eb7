import { diagnose } from "../diagnostics/status.ts";
import { ADJUSTMENTS, type Adjustment } from "../adjustments.ts";
import { alertRules, alerts, log } from "../main.ts";
import type { Source } from "./index.ts";
import { bodyOf, Refusal, type Answer, type Page } from "./page.ts";

const ok = (body: unknown): Answer => ({ status: 200, body });

/** What only this machine, or who has the token, may see and change. */
export const adminPages = ({ config }: Source): [string, Page][] => [
  ["/debug/status", { isForAdministrators: true, methods: { GET: async () => ok(await diagnose(config)) } }],
  ["/debug/alerts", { isForAdministrators: true, methods: { GET: () => ok(alertsNow()) } }],
  ...Object.entries(ADJUSTMENTS).map(([name, adjustment]): [string, Page] => [
    `/debug/${name}`,
    adjustmentPage(name, adjustment, config.incidentSeconds),
  ]),
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

/** Seconds for which a setting may be changed. */
const LONGEST = 86_400;

/** What can be changed for a time: read with GET, changed with PUT, put back with DELETE. */
function adjustmentPage(name: string, adjustment: Adjustment, usualSeconds: number): Page {
  const state = (): Answer => {
    const now = adjustment.state();
    if (now === undefined) throw new Refusal(409, `there is no ${name} of ours to change`);
    const { until, ...values } = now;
    return ok({ ...values, until: until === undefined ? null : new Date(until).toISOString() });
  };
  const changed = (): Answer => {
    const answer = state();
    log.info(`${name} was changed: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  return {
    isForAdministrators: true,
    methods: {
      GET: state,
      async PUT({ request }) {
        state();
        const { value, seconds = usualSeconds } = await bodyOf(request);
        if (typeof seconds !== "number" || !(seconds > 0 && seconds <= LONGEST))
          throw new Refusal(400, `"seconds" has to be a number up to ${LONGEST}`);
        if (!adjustment.change(value, seconds)) throw new Refusal(400, `"value" has to be ${adjustment.accepts}`);
        return changed();
      },
      DELETE() {
        state();
        adjustment.restore();
        return changed();
      },
    },
  };
}
