/** Returns a query as Grafana sends it with all values of the variables selected. */
export const withValues = (query: string, interval: string): string =>
  query
    .replaceAll("$__rate_interval", interval)
    .replaceAll("$price", "1")
    .replaceAll(/"\$\w+"/g, '".*"');
