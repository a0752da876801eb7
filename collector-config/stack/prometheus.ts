/** One series of an answer, with its value now. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks a Prometheus. @throws what it says against the query */
export async function query(prometheusUrl: string, expression: string): Promise<Sample[]> {
  const response = await fetch(`${prometheusUrl}/api/v1/query`, {
    method: "POST",
    body: new URLSearchParams({ query: expression }),
  });
  const answer = (await response.json()) as {
    readonly error?: string;
    readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
  };
  if (answer.error !== undefined) throw new Error(`${answer.error}: ${expression}`);
  return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
