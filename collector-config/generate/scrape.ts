import { goFloat } from "../../src/export/prometheus/go-float.ts";
import type { Registry } from "../../semconv/schema.ts";

const SECTION = /( *)# <bounds>[^]*# <\/bounds>/;

/** Returns the bound of a bucket in the spelling of OpenMetrics. */
const openMetrics = (bound: number): string => {
  const text = goFloat(bound);
  return /[.e]/.test(text) ? text : `${text}.0`;
};

/** Tells whether a bound is spelled the same by every source, so that a query can name it. */
export const isUnambiguous = (bound: number): boolean => openMetrics(bound) === String(bound);

/** Writes prometheus.yaml with rules that change the bounds of scraped buckets to the spelling of a Collector. */
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
