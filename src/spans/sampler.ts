import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Config, SamplerName } from "../config/index.ts";
import { log } from "../runtime/self-log.ts";
import { Temporary } from "../runtime/timed-override.ts";

/** Which traces are recorded. */
interface Choice {
  /** The share of those that begin here; where there is none, `OTEL_TRACES_SAMPLER_ARG` says it. */
  readonly ratio?: number;
  /** Whether those that come in with a decision keep it. */
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

/** The share of new traces recorded by `deployment.environment.name`, where no sampler is chosen. */
const PRESETS: Readonly<Record<string, number>> = { local: 0, development: 0.2, staging: 0.2, production: 0.1 };

/** A sampler, and the share it records of the traces that begin here. */
interface Sampling {
  readonly sampler: Sampler;
  readonly ratio: number;
}

/** The sampling in force, once there is a sampler of ours; it can be changed while the process runs. */
export let sampling: Temporary<Sampling> | undefined;

let tell: ((ratio: number, isChanged: boolean) => void) | undefined;

/** @param told of each change: the share of new traces recorded, and whether it is another one than the settings say */
export function whenSamplingChanges(told: (ratio: number, isChanged: boolean) => void): void {
  tell = told;
}

/**
 * Has another share of new traces recorded for a time. A trace that came in with a decision keeps it.
 * @param ratio from 0 to 1
 */
export function sampleFor(ratio: number, seconds: number): void {
  sampling?.change(samplingBy(ratio, true), seconds);
}

/** Has as many new traces recorded again as the settings say. */
export function restoreSampling(): void {
  sampling?.restore();
}

/** A sampler, and the share it records at the moment of the traces that begin here. */
export interface RatedSampler extends Sampler {
  readonly ratio: number;
}

/** The sampler of the settings, or in its place whatever is in force for a time. */
export function createSampler(config: Config): RatedSampler {
  const chosen = chosenSampling(config);
  let current = chosen;
  sampling = new Temporary(chosen, (value, isChanged) => {
    current = value;
    tell?.(value.ratio, isChanged);
  });
  return {
    get ratio() {
      return current.ratio;
    },
    // oxlint-disable-next-line max-params -- as the SDK calls it
    shouldSample: (parent, traceId, name, kind, attributes, links) =>
      current.sampler.shouldSample(parent, traceId, name, kind, attributes, links),
    toString: () => current.sampler.toString(),
  };
}

/** A trace that came in with a decision keeps it; of the others the sampler or the preset decides. */
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
