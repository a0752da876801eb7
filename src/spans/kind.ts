import { SpanKind } from "@opentelemetry/api";
import type { SpanDefinition } from "../../semconv/index.ts";

const KINDS: Readonly<Record<SpanDefinition["kind"], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** Returns the kind of a span of the registry, as OpenTelemetry's API has it. */
export const spanKindOf = ({ kind }: SpanDefinition): SpanKind => KINDS[kind];
