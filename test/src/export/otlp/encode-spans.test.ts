import {
  createTraceState,
  type Attributes,
  type AttributeValue,
  type HrTime,
  type SpanContext,
} from "@opentelemetry/api";
import type { InstrumentationScope } from "@opentelemetry/core";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { encodeSpans } from "../../../../src/export/otlp/encode-spans.ts";
import { seeded } from "../../../helpers/random.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 7);

/** What is at the edge of something: of an encoding, of a length, of what a number holds. */
const STRINGS = [
  "",
  "a",
  "x".repeat(127),
  "x".repeat(128),
  "ü",
  "日本語",
  "🪐 rings",
  "lone \ud800",
  "y".repeat(17_000),
];
const NUMBERS = [0, -0, 1, -1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 63];
const ODD_NUMBERS = [-(2 ** 63), 2 ** 62, 0.1, 1e-320, NaN, Infinity, -Infinity, 1e300];
const ODD_VALUES = [undefined, null, { a: 1, b: { c: ["d"] } }, new Uint8Array([0, 255]), [], [null, "a"], 1n];
const VALUES: readonly unknown[] = [...STRINGS, ...NUMBERS, ...ODD_NUMBERS, true, false, ...ODD_VALUES];

describe("encoded spans", () => {
  const random = seeded(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)]!;
  const several = <T>(limit: number, make: () => T): T[] => Array.from({ length: below(limit) }, make);
  const digits = (count: number): string => Array.from({ length: count }, () => below(16).toString(16)).join("");

  function value(): AttributeValue {
    const kind = below(4);
    if (kind === 0) return random() * 1e9;
    if (kind === 1) return below(2 ** 40) - 2 ** 39;
    return (kind === 2 ? several(4, () => oneOf(VALUES)) : oneOf(VALUES)) as AttributeValue;
  }
  const attributes = (): Attributes => Object.fromEntries(several(6, () => [oneOf(STRINGS) + below(100), value()]));
  const time = (): HrTime => [oneOf([0, 1, 65_535, 65_536, 1_790_000_000, 2 ** 32]), oneOf([0, 1, 999_999_999])];
  const context = (): SpanContext => ({
    traceId: digits(32),
    spanId: digits(16),
    traceFlags: below(4),
    ...(below(2) === 0 && { isRemote: below(2) === 0 }),
    ...(below(3) === 0 && { traceState: createTraceState(oneOf(["", "a=1", "a=1,b=2"])) }),
  });

  const resources = several(4, () => resourceFromAttributes(attributes(), below(2) === 0 ? { schemaUrl: "s:1" } : {}));
  const scopes: InstrumentationScope[] = [
    { name: "" },
    { name: "a", version: "1" },
    { name: "日本", version: "", schemaUrl: "s:2" },
  ];

  function span(): ReadableSpan {
    const spanContext = context();
    return {
      name: oneOf(STRINGS),
      kind: below(5),
      spanContext: () => spanContext,
      ...(below(2) === 0 && { parentSpanContext: context() }),
      startTime: time(),
      endTime: time(),
      duration: [0, 0],
      ended: true,
      status: { code: below(3), ...(below(2) === 0 && { message: oneOf(STRINGS) }) },
      attributes: attributes(),
      links: several(3, () => ({ context: context(), attributes: attributes(), droppedAttributesCount: below(300) })),
      events: several(3, () => ({ name: oneOf(STRINGS), time: time(), attributes: attributes() })),
      resource: oneOf(resources.concat(resourceFromAttributes({}))),
      instrumentationScope: oneOf(scopes),
      droppedAttributesCount: below(300),
      droppedEventsCount: below(300),
      droppedLinksCount: below(300),
    };
  }

  it("equal those of OpenTelemetry's package to the byte", () => {
    for (let round = 0; round < 100; round++) {
      const spans = several(round % 50, span);
      const [ours, theirs] = [encodeSpans(spans), ProtobufTraceSerializer.serializeRequest(spans)!];
      const at = ours.findIndex((byte, i) => byte !== theirs[i]);
      expect([at, ours.length], `seed ${SEED}, round ${round}`).to.deep.equal([-1, theirs.length]);
    }
  });

  it("are not mixed with those of a request that failed", () => {
    const good = [span()];
    const expected = encodeSpans(good);
    const bad = {
      ...span(),
      spanContext() {
        throw new Error("no context");
      },
    };
    expect(() => encodeSpans([span(), bad, span()])).to.throw("no context");
    expect(encodeSpans(good)).to.deep.equal(expected);
  });
});
