import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Config, SamplerName } from "../config.ts";
import { log } from "../log.ts";
import { Temporary } from "../temporary.ts";

const SAMPLERS: Readonly<Record<SamplerName, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/** The share of new traces recorded by `deployment.environment.name`, where no sampler is chosen. */
const PRESETS: Readonly<Record<string, number>> = { local: 0, development: 0.2, staging: 0.2, production: 0.1 };

/** A sampler, and the share of new traces it records. */
interface Sampling {
  readonly sampler: Sampler;
  readonly ratio: number;
}

/** The sampling in force, once there is a sampler of ours; it can be changed while the process runs. */
export let sampling: Temporary<Sampling> | undefined;

/**
 * Has another share of new traces recorded for a time. A trace that came in with a decision keeps it.
 * @param ratio from 0 to 1
 */
export function sampleFor(ratio: number, seconds: number): void {
  sampling?.change({ sampler: SAMPLERS.parentbased_traceidratio(ratio), ratio }, seconds);
}

/** Has as many new traces recorded again as the settings say. */
export function restoreSampling(): void {
  sampling?.restore();
}

/** A trace that came in with a decision keeps it; of the others the sampler or the preset decides. */
export function createSampler(config: Config): Sampler {
  const chosen = chosenSampling(config);
  let { sampler } = chosen;
  sampling = new Temporary(chosen, (value) => ({ sampler } = value));
  return {
    // oxlint-disable-next-line max-params -- as the SDK calls it
    shouldSample: (parent, traceId, name, kind, attributes, links) =>
      sampler.shouldSample(parent, traceId, name, kind, attributes, links),
    toString: () => sampler.toString(),
  };
}

/** What is recorded by a sampler that does not go by a ratio. */
const RATIOS: Readonly<Partial<Record<SamplerName, number>>> = {
  always_on: 1,
  always_off: 0,
  parentbased_always_on: 1,
  parentbased_always_off: 0,
};

function chosenSampling({ sampler, samplerRatio, resourceAttributes }: Config): Sampling {
  if (sampler !== undefined)
    return { sampler: SAMPLERS[sampler](samplerRatio), ratio: RATIOS[sampler] ?? samplerRatio };
  const environment = resourceAttributes["deployment.environment.name"];
  const preset = environment === undefined ? 1 : PRESETS[environment];
  if (preset === undefined) {
    const known = Object.keys(PRESETS).join(", ");
    log.warn(
      `deployment.environment.name="${environment}" has no sampling preset (${known} have); recording all traces, unless OTEL_TRACES_SAMPLER says otherwise`,
    );
  }
  const ratio = preset ?? 1;
  return { sampler: SAMPLERS.parentbased_traceidratio(ratio), ratio };
}
