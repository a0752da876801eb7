/** A span as Jaeger's API tells of it. */
export interface StoredSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
}

export interface StoredTrace {
  readonly traceID: string;
  readonly spans: readonly StoredSpan[];
}

/** The traces of a service, or those with a span of that name. */
export async function findTraces(jaegerUrl: string, service: string, operation?: string): Promise<StoredTrace[]> {
  const query = new URLSearchParams({ service, limit: "100000", ...(operation === undefined ? {} : { operation }) });
  const response = await fetch(`${jaegerUrl}/api/traces?${query.toString()}`);
  const { data } = (await response.json()) as { data: StoredTrace[] | null };
  return data ?? [];
}

/** How many spans of a service there are. One that arrived twice is one. */
export async function countSpans(jaegerUrl: string, service: string): Promise<number> {
  const traces = await findTraces(jaegerUrl, service);
  return new Set(traces.flatMap(({ spans }) => spans.map(({ traceID, spanID }) => traceID + spanID))).size;
}
