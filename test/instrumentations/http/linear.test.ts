import { expect } from "chai";
import { describe, it } from "mocha";
import { propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { IncomingHttpHeaders } from "node:http";
import { idOf } from "../../../src/context/correlation.ts";
import { clientAddress, forwardedScheme, serverAddress } from "../../../instrumentations/http/addresses.ts";
import { extractContext } from "../../../instrumentations/http/headers.ts";
import { readTarget, redactTarget } from "../../../instrumentations/http/url.ts";

/** Tokens of the grammars of headers, alone and in front of what keeps a parser going. */
const TOKENS = [
  ...'a 0 % ; , = " \\ : [ ] . - / ? # & @ * ( ) { } _'.split(" "),
  " ",
  "\t",
  "\u00ff",
  '\\"',
  '"\\"',
  '"",',
  "a=",
  "a=b;",
  "a=b,",
  'for="',
  "host=a,",
  ";;=,",
  "[::",
  "::1]",
  ":0",
  "%41",
  "%41=&",
  "sig=&",
  "&sIg=",
  "x-amz-security-token=&",
  "http://",
  "00-",
  "a@",
  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
];
const BEGINNINGS = ["", '"', 'host="', "[", "/?", "http://"];

const propagator = new CompositePropagator({
  propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
});

/** Each header or target that is read, as a function of its text. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  forwarded: (text) => everyAddress({ forwarded: text }),
  "x-forwarded-for": (text) => everyAddress({ "x-forwarded-for": text }),
  "x-forwarded-host": (text) => everyAddress({ "x-forwarded-host": text, "x-forwarded-proto": text }),
  host: (text) => everyAddress({ host: text }),
  target: (text) => [readTarget("GET", text), readTarget("CONNECT", text), redactTarget(text)],
  // The tracestate is only read when it is sent on.
  traceparent: (text) => sentOn({ traceparent: text }),
  tracestate: (text) => sentOn({ traceparent: TOKENS.at(-1)!, tracestate: text }),
  baggage: (text) => sentOn({ baggage: text }),
  "correlation and request ids": idOf,
};

const everyAddress = (headers: IncomingHttpHeaders): unknown => [
  clientAddress({ headers }),
  forwardedScheme(headers),
  serverAddress({ headers, scheme: "http" }),
];

function sentOn(headers: IncomingHttpHeaders): unknown {
  const carrier = {};
  propagation.inject(extractContext(headers), carrier);
  return carrier;
}

/** The shortest of a few runs, as others use the machine too. */
function milliseconds(read: (text: string) => unknown, text: string): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    read(text);
    return performance.now() - start;
  });
  return Math.min(...times);
}

const LENGTH = 100_000;

describe("parsing of a request", () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`takes time linear in the length of its input: ${name}`, () => {
      propagation.setGlobalPropagator(propagator);
      try {
        for (const token of TOKENS) {
          for (const beginning of BEGINNINGS) {
            const text = beginning + token.repeat(LENGTH / token.length);
            const time = milliseconds(read, text);
            // What is quadratic takes seconds; a ratio tells only of what takes long enough to be measured.
            if (time > 50)
              expect(time / milliseconds(read, text.slice(0, LENGTH / 2)), text.slice(0, 20)).to.be.below(3);
          }
        }
      } finally {
        propagation.disable();
      }
      expect(extractContext({ traceparent: TOKENS.at(-1)! })).to.equal(ROOT_CONTEXT);
    });
  }
});
