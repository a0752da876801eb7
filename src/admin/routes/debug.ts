import { diagnose } from "./status.ts";
import { ADJUSTMENTS, type Adjustment } from "./overrides.ts";
import { alertRules, alerts } from "../../alerts/index.ts";
import { log } from "../../runtime/self-log.ts";
import type { Source } from "../../server/index.ts";
import { bodyOf, decoded, Refusal, type Answer, type Page, type Question } from "./route.ts";

const ok = (body: unknown): Answer => ({ status: 200, body });

/** Returns the routes that only this machine and clients with the token may access. */
export const adminPages = ({ config }: Source): [string, Page][] => [
  ["/debug/status", { isForAdministrators: true, methods: { GET: async () => ok(await diagnose(config)) } }],
  ["/debug/alerts", { isForAdministrators: true, methods: { GET: () => ok(alertsNow()) } }],
  ...Object.entries(ADJUSTMENTS).flatMap(([name, adjustmentOf]): [string, Page][] => {
    const page = adjustmentPage(name, adjustmentOf, config.incidentSeconds);
    return [
      [`/debug/${name}`, page],
      [`/debug/${name}/`, page],
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

function stateOf(adjustment: Adjustment): Answer {
  const { until, ...values } = adjustment.state()!;
  return ok({ ...values, until: until === undefined ? null : new Date(until).toISOString() });
}

/**
 * Creates the route of a setting that can be overridden temporarily: read with GET, changed with PUT, restored with
 * DELETE.
 */
function adjustmentPage(
  name: string,
  adjustmentOf: (part: string) => Adjustment | undefined,
  usualSeconds: number,
): Page {
  const find = (question: Question): Adjustment => {
    const part = decoded(question.name);
    // oxlint-disable-next-line no-control-regex -- these would be commands to the terminal that shows our log
    if (part.length > MAX_NAME || /[\0-\x1f\x7f-\x9f]/.test(part)) throw new Refusal(400, "not the name of a part");
    const adjustment = adjustmentOf(part);
    if (adjustment === undefined) throw new Refusal(404, `${name} has no parts`);
    if (adjustment.state() === undefined) throw new Refusal(409, `there is no ${name} of ours to change`);
    return adjustment;
  };
  const changed = (adjustment: Adjustment, { name: part }: Question): Answer => {
    const answer = stateOf(adjustment);
    log.info(`${name}${part === "" ? "" : `/${part}`} was changed: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  return {
    isForAdministrators: true,
    methods: {
      GET: (question) => stateOf(find(question)),
      async PUT(question) {
        const adjustment = find(question);
        const { value, seconds = usualSeconds } = await bodyOf(question.request);
        if (typeof seconds !== "number" || !(seconds > 0 && seconds <= MAX_SECONDS))
          throw new Refusal(400, `"seconds" has to be a number up to ${MAX_SECONDS}`);
        if (!adjustment.change(value, seconds)) throw new Refusal(400, `"value" has to be ${adjustment.accepts}`);
        return changed(adjustment, question);
      },
      DELETE(question) {
        const adjustment = find(question);
        adjustment.restore();
        return changed(adjustment, question);
      },
    },
  };
}
