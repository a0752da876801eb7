import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";

/** Maximum bytes of a request. Collectors accept 20 MiB. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

type Serialize = (request: unknown) => Uint8Array | undefined;

/** Receiver of serialized bodies, and of items that could not be serialized. */
export interface BatchDestination {
  readonly send: (body: Uint8Array, items: number) => void;
  readonly lose: (items: number, reason: "unserializable" | "too_large", error?: unknown) => void;
}

/** Serializes a request; splits one that is too long. An item that cannot be serialized costs only itself. */
// oxlint-disable-next-line max-params -- a request and the receiver of its result
export function serializeEach(request: unknown, items: number, serialize: Serialize, to: BatchDestination): void {
  let body: Uint8Array | undefined;
  try {
    body = serialize(request);
  } catch (error) {
    return serializeGood(request, items, serialize, { to, error });
  }
  if (body === undefined) return;
  if (body.length <= MAX_BODY_BYTES || !Array.isArray(request)) return to.send(body, items);
  if (request.length <= 1) return to.lose(items, "too_large");
  const middle = request.length >> 1;
  for (const part of [request.slice(0, middle), request.slice(middle)]) serializeEach(part, part.length, serialize, to);
}

function serializeGood(
  request: unknown,
  items: number,
  serialize: Serialize,
  { to, error }: { to: BatchDestination; error: unknown },
): void {
  const canBe = (part: unknown): boolean => {
    try {
      return serialize(part) !== undefined;
    } catch {
      return false;
    }
  };
  const good = Array.isArray(request)
    ? request.filter((item) => canBe([item]))
    : goodMetrics(request as ResourceMetrics, canBe);
  const left = Array.isArray(good) ? good.length : pointsOf(good);
  to.lose(items - left, "unserializable", error);
  if (left > 0 && left < items) serializeEach(good, left, serialize, to);
}

function goodMetrics(request: ResourceMetrics, canBe: (part: unknown) => boolean): ResourceMetrics {
  const scopeMetrics = request.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.filter((metric) => canBe({ ...request, scopeMetrics: [{ scope, metrics: [metric] }] })),
  }));
  return { ...request, scopeMetrics };
}

/** Counts the data points of a request. */
export const pointsOf = ({ scopeMetrics }: ResourceMetrics): number =>
  scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
