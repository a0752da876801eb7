import { goFloat } from "../../src/export/prometheus/go-float.ts";
import type { Registry } from "../../semconv/schema.ts";

const SECTION = /( *)# <bounds>[^]*# <\/bounds>/;

/** How OpenMetrics writes the bound of a bucket. */
const openMetrics = (bound: number): string => {
  const text = goFloat(bound);
  return /[.e]/.test(text) ? text : `${text}.0`;
};

/** Whether a bound reads the same wherever it comes from, so that a query can name it. */
export const isUnambiguous = (bound: number): boolean => openMetrics(bound) === String(bound);

/** prometheus.yaml with rules that give the bounds of scraped buckets the spelling of those that a Collector writes. */
export function emitScrapeConfig(text: string, { metrics }: Registry): string {
  const bounds = new Set(metrics.flatMap(({ boundaries = [] }) => boundaries));
  const withExponent = [...bounds].filter((bound) => openMetrics(bound).includes("e")).sort((a, b) => a - b);
  return text.replace(SECTION, (_, indent: string) => {
    const rules = withExponent.map((bound) => {
      const regex = openMetrics(bound).replaceAll(/[.+]/g, String.raw`\$&`);
      return `${indent}- { source_labels: [le], regex: '${regex}', target_label: le, replacement: "${bound}" }\n`;
    });
    return `${indent}# <bounds> Generated from semconv/registry by \`npm run generate\`.\n${rules.join("")}${indent}# </bounds>`;
  });
}
