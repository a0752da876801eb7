import { createContextKey, type Context } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Config, SamplerName } from "../config/index.ts";
import { log } from "../runtime/self-log.ts";
import { TimedOverride } from "../runtime/timed-override.ts";

/** Rules of a sampler for traces. */
interface Choice {
  /** Ratio of new traces that are recorded; `OTEL_TRACES_SAMPLER_ARG` if omitted. */
  readonly ratio?: number;
  /** True if traces that arrive with a decision keep it. */
  readonly isParentBased: boolean;
}

const CHOICES: Readonly<Record<SamplerName, Choice>> = {
  always_on: { ratio: 1, isParentBased: false },
  always_off: { ratio: 0, isParentBased: false },
  traceidratio: { isParentBased: false },
  parentbased_always_on: { ratio: 1, isParentBased: true },
  parentbased_always_off: { ratio: 0, isParentBased: true },
  parentbased_traceidratio: { isParentBased: true },
};

/** Ratios of new traces that are recorded, by `deployment.environment.name`, if no sampler is chosen. */
const PRESETS: Readonly<Record<string, number>> = { local: 0, development: 0.2, staging: 0.2, production: 0.1 };

/** Sampler and its ratio of recorded new traces. */
interface Sampling {
  readonly sampler: Sampler;
  readonly ratio: number;
}

/** Sampling in force, once our sampler exists. It can be overridden while the process runs. */
export let sampling: TimedOverride<Sampling> | undefined;

let report: ((ratio: number, isChanged: boolean) => void) | undefined;

/**
 * Sets the listener for changes of the sampling.
 * @param reported receives the ratio of new traces that are recorded, and true if it differs from the settings
 */
export function whenSamplingChanges(reported: (ratio: number, isChanged: boolean) => void): void {
  report = reported;
}

/**
 * Overrides the ratio of new traces that are recorded, for a time. A trace that arrived with a decision keeps it.
 * @param ratio from 0 to 1
 */
export function sampleFor(ratio: number, seconds: number): void {
  sampling?.change(samplingBy(ratio, true), seconds);
}

/** Restores the ratio of the settings. */
export function restoreSampling(): void {
  sampling?.restore();
}

/** Sampler with its current ratio of recorded new traces. */
export interface RatedSampler extends Sampler {
  readonly ratio: number;
}

const BACKGROUND = createContextKey("stratascope: background work");

/** Returns the context of work without a caller, which has a sampling ratio of its own. */
export const inBackground = (context: Context): Context => context.setValue(BACKGROUND, true);

/** Creates the sampler of the settings. A temporary override replaces it. */
export function createSampler(config: Config): RatedSampler {
  const chosen = chosenSampling(config);
  let current = chosen;
  // Code that runs in background work can continue a trace that arrived with a decision.
  const background = new ParentBasedSampler({ root: rootSampler(config.backgroundRatio) });
  const samplerIn = (parent: Context): Sampler =>
    parent.getValue(BACKGROUND) === true && current.ratio > 0 ? background : current.sampler;
  sampling = new TimedOverride(chosen, (value, isChanged) => {
    current = value;
    report?.(value.ratio, isChanged);
  });
  return {
    get ratio() {
      return current.ratio;
    },
    // oxlint-disable-next-line max-params -- as the SDK calls it
    shouldSample: (parent, traceId, name, kind, attributes, links) =>
      samplerIn(parent).shouldSample(parent, traceId, name, kind, attributes, links),
    toString: () => current.sampler.toString(),
  };
}

/**
 * Returns the sampling of the settings. A trace that arrived with a decision keeps it; the sampler or the preset
 * decides about the others.
 */
function chosenSampling(config: Config): Sampling {
  if (config.sampler === undefined) return samplingBy(presetRatio(config), true);
  const { ratio = config.samplerRatio, isParentBased } = CHOICES[config.sampler];
  return samplingBy(ratio, isParentBased);
}

function samplingBy(ratio: number, isParentBased: boolean): Sampling {
  const root = rootSampler(ratio);
  return { sampler: isParentBased ? new ParentBasedSampler({ root }) : root, ratio };
}

function rootSampler(ratio: number): Sampler {
  if (ratio >= 1) return new AlwaysOnSampler();
  return ratio <= 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}

function presetRatio({ resourceAttributes }: Config): number {
  const environment = resourceAttributes["deployment.environment.name"];
  const ratio = environment === undefined ? 1 : PRESETS[environment];
  if (ratio === undefined) {
    const known = Object.keys(PRESETS).join(", ");
    log.warn(
      `deployment.environment.name="${environment}" has no sampling preset (${known} have); recording all traces, unless OTEL_TRACES_SAMPLER says otherwise`,
    );
  }
  return ratio ?? 1;
}
