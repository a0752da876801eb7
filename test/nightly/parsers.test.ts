import { expect } from "chai";
import { describe, it } from "mocha";
import { stableName } from "../../instrumentations/sql/stable-name.ts";
import { parseScript, parseStatement } from "../../instrumentations/sqlite/sql.ts";
import { parseScript as parseDuckScript } from "../../instrumentations/duckdb/sql.ts";
import { tokenize } from "../../instrumentations/sql/tokens.ts";
import { readConfig } from "../../src/config/index.ts";
import { idOf } from "../../src/context/correlation.ts";
import { batchesOf } from "../../src/export/spool/spool-file.ts";
import { redactMessage as plainMessage } from "../../src/admin/health/redact-message.ts";
import { clientAddress, forwardedScheme, serverAddress } from "../../instrumentations/http/addresses.ts";
import { readTarget, redactQuery, redactTarget } from "../../instrumentations/http/url.ts";
import { describeError, privateMessage, relativeFrames } from "../../src/runtime/describe-error.ts";
import { messageText } from "../../src/input/plain-value.ts";
import { prettyLine } from "../../src/logs/pretty-line.ts";
import { prometheusLabel, prometheusName, prometheusUnit } from "../../semconv/prometheus-names.ts";

/** Characters each text has, and milliseconds it may take to read. */
const LENGTH = 100_000;
const MAX_MS = 50;

const erring = (text: string): Error =>
  Object.assign(new Error(text), { stack: `Error: ${text}\n    at f (${text}:1:2)` });

/** What reads text from outside, with the tokens of its grammar. */
const PARSERS: Readonly<Record<string, readonly [read: (text: string) => unknown, tokens: string]>> = {
  "a forwarded header": [(text) => addresses({ forwarded: text }), 'for= host= ; , " \\" \\ [::1] = for=" a'],
  "a list of addresses": [(text) => addresses({ "x-forwarded-for": text, host: text }), "1 . , [ ] : :: unknown %"],
  "a target": [(text) => [readTarget("GET", text), redactTarget(text)], "/ ? # & = % %41 sig= @ : http:// ;"],
  "a query": [redactQuery, "& = % %73 sig= x-amz-signature= a"],
  "an id": [idOf, "a - _ ; % \u00ff"],
  "a script of SQL": [parseScript, SQL_TOKENS()],
  "a statement of SQL": [parseStatement, SQL_TOKENS()],
  "SQL without its values": [(text) => parseStatement(text).text?.(), SQL_TOKENS()],
  "SQL of DuckDB": [(text) => parseDuckScript(text).text?.(), `${SQL_TOKENS()} FROM $$ $a$ e' /* TABLE`],
  "tokens of SQL": [tokenize, SQL_TOKENS()],
  "the name of a table": [stableName, "a f 0 temp - _ f0"],
  "a message of an error": [(text) => privateMessage({ message: text }), "/ \\ file:// C: a ' ( ) . : ,"],
  "an error": [(text) => describeError(erring(text), privateMessage), "/ \\ ( ) : :1 \n at file:// a"],
  "frames of a stack": [relativeFrames, "/ ( ) : :1:2 \n at file:/// C:\\ eval( a"],
  "a message of a check": [plainMessage, "/ // @ : \\ C: a \n"],
  "a message of a record": [messageText, "a \u001b \ud800"],
  "a line for people": [
    (text) => prettyLine({ timestamp: 0, level: "info", message: text, [text]: text }),
    "a \u001b \u202e",
  ],
  "a file of the spool": [batchesOf, '{ } \n : , " 1 [ ] traces'],
  "a metric's name": [
    (text) => [
      prometheusName({ name: text, unit: text, instrument: "counter" }),
      prometheusUnit(text),
      prometheusLabel(text),
    ],
    "a . _ / { } 1 total",
  ],
  settings: [(text) => settings(text), "= , ; % %41 a"],
};

function SQL_TOKENS(): string {
  return "SELECT FROM JOIN WITH AS ( ) , . ; ' \" ` [ ] -- /* */ x' 1 .5 1e ? :a @ $ CREATE TRIGGER BEGIN END = \u00ff \u0000";
}

const addresses = (headers: Record<string, string>): unknown => [
  clientAddress({ headers }),
  serverAddress({ headers, scheme: "http" }),
  forwardedScheme(headers),
];

const settings = (text: string): unknown =>
  readConfig({ OTEL_RESOURCE_ATTRIBUTES: text, OTEL_EXPORTER_OTLP_HEADERS: text, STRATASCOPE_LOG_LEVELS: text });

/** The shortest of some runs: a busy machine makes any of them long. */
function fastest(read: () => unknown): number {
  let least = Infinity;
  for (let run = 0; run < 5 && least > MAX_MS; run++) {
    const start = performance.now();
    read();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Tokens that are repeated: each, and each two, behind each that can open something. */
function* repetitions(tokens: readonly string[]): Generator<string> {
  const units = tokens.flatMap((one) => [
    one,
    ...tokens.map((two) => `${one}${two}`),
    ...tokens.map((two) => `${one} ${two}`),
  ]);
  for (const unit of new Set(units)) {
    const many = unit.repeat(Math.ceil(LENGTH / unit.length)).slice(0, LENGTH);
    yield many;
    yield `"${many}`;
    yield `${many}!`;
  }
}

describe("100,000 characters of repetitions", () => {
  for (const [name, [read, tokens]] of Object.entries(PARSERS)) {
    it(`are parsed within ${MAX_MS} ms as ${name}`, function () {
      this.timeout(600_000);
      for (const text of repetitions(tokens.split(" "))) {
        expect(
          fastest(() => read(text)),
          JSON.stringify(text.slice(0, 60)),
        ).to.be.below(MAX_MS);
      }
    });
  }
});
