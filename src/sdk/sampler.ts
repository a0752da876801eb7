import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Config, SamplerName } from "../config.ts";
import { log } from "../log.ts";

/** Which traces are recorded. */
interface Choice {
  /** The share of those that begin here; where there is none, `OTEL_TRACES_SAMPLER_ARG` says it. */
  readonly ratio?: number;
  /** Whether those that come in with a decision keep it. */
  readonly isParentBased: boolean;
}

const SAMPLERS: Readonly<Record<SamplerName, Choice>> = {
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
export interface RatedSampler {
  readonly sampler: Sampler;
  readonly ratio: number;
}

/** A trace that came in with a decision keeps it; of the others the sampler or the preset decides. */
export function createSampler(config: Config): RatedSampler {
  if (config.sampler === undefined) return rated(presetRatio(config), true);
  const { ratio = config.samplerRatio, isParentBased } = SAMPLERS[config.sampler];
  return rated(ratio, isParentBased);
}

function rated(ratio: number, isParentBased: boolean): RatedSampler {
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
