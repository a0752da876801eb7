import { resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { expect } from "chai";
import { describe, it } from "mocha";
import { SERIALIZERS } from "../../../../src/export/otlp/encoders.ts";
import { serializeEach } from "../../../../src/export/otlp/serialize.ts";
import { CONTENT_TYPES } from "../../../../src/export/batch.ts";

const MEBIBYTE = 1024 * 1024;
const RESOURCE = resourceFromAttributes({ "service.name": "shop" });

const span = (name: string, text = ""): ReadableSpan => ({
  name,
  kind: 0,
  spanContext: () => ({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }),
  startTime: [1, 0],
  endTime: [2, 0],
  duration: [1, 0],
  ended: true,
  status: { code: 0 },
  attributes: { text },
  links: [],
  events: [],
  resource: RESOURCE,
  instrumentationScope: { name: "app" },
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
});

/** A span whose context cannot be read. */
const broken = (): ReadableSpan => ({
  ...span("broken"),
  spanContext() {
    throw new Error("no context");
  },
});

for (const contentType of CONTENT_TYPES) {
  describe(`a batch of spans as ${contentType}`, () => {
    /** Serializes spans. @returns the names in each request, and what is lost */
    function serialized(spans: readonly ReadableSpan[]): { requests: string[][]; lost: unknown[]; bytes: number[] } {
      const requests: string[][] = [];
      const lost: unknown[] = [];
      const bytes: number[] = [];
      const { serializeRequest } = SERIALIZERS[contentType].traces;
      serializeEach(spans, spans.length, serializeRequest, {
        send(body, items) {
          const names =
            Buffer.from(body)
              .toString("latin1")
              .match(/span \d/g) ?? [];
          expect(items).to.equal(names.length);
          requests.push(names);
          bytes.push(body.length);
        },
        lose: (items, reason) => lost.push([items, reason]),
      });
      return { requests, lost, bytes };
    }

    it("is sent in parts, in order, if it is too long for one request", () => {
      const spans = [1, 2, 3, 4, 5, 6].map((i) => span(`span ${i}`, "x".repeat(1.5 * MEBIBYTE)));
      const { requests, lost, bytes } = serialized(spans);
      expect(requests.flat()).to.deep.equal(spans.map(({ name }) => name));
      expect(requests).to.have.length.above(1);
      for (const length of bytes) expect(length).to.be.below(4 * MEBIBYTE + 1);
      expect(lost).to.deep.equal([]);
    });

    it("loses a span that is too long for a request, and no other", () => {
      const { requests, lost } = serialized([span("span 1"), span("span 2", "x".repeat(5 * MEBIBYTE)), span("span 3")]);
      expect(requests.flat()).to.deep.equal(["span 1", "span 3"]);
      expect(lost).to.deep.equal([[1, "too_large"]]);
    });

    it("loses a span that cannot be serialized, and no other", () => {
      const { requests, lost } = serialized([span("span 1"), broken(), span("span 3")]);
      expect(requests).to.deep.equal([["span 1", "span 3"]]);
      expect(lost).to.deep.equal([[1, "unserializable"]]);
    });
  });
}
