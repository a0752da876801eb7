import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type Sampler,
} from "@opentelemetry/sdk-trace";
import type { Config, SamplerName } from "../config.ts";
import { log } from "../log.ts";

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

/** A trace that came in with a decision keeps it; of the others the sampler or the preset decides. */
export function createSampler(config: Config): Sampler {
  if (config.sampler !== undefined) return SAMPLERS[config.sampler](config.samplerRatio);
  const environment = config.resourceAttributes["deployment.environment.name"];
  const ratio = environment === undefined ? 1 : PRESETS[environment];
  if (ratio === undefined) {
    const known = Object.keys(PRESETS).join(", ");
    log.warn(
      `deployment.environment.name="${environment}" has no sampling preset (${known} have); recording all traces, unless OTEL_TRACES_SAMPLER says otherwise`,
    );
  }
  return SAMPLERS.parentbased_traceidratio(ratio ?? 1);
}
