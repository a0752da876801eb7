import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { Receiver } from "../helpers/receiver.ts";
import { OPEN_METRICS, scrape } from "../helpers/scrape.ts";
import { ALIKE } from "../helpers/bindings.ts";

/** What marks a value of the application that may not leave the process. */
const SECRET = "S3CRET";

describe("values of the application", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  for (const binding of ALIKE) {
    it(`never leave the process, in any signal, with every statement a span, with ${binding}`, async () => {
      receiver.clear();
      const app = new App("sqlite");
      const running = app.start("privacy.cjs", {
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        args: [binding, `--password=${SECRET}28`],
        env: {
          ...receiver.env,
          OTEL_METRICS_EXPORTER: "otlp,prometheus",
          OTEL_EXPORTER_PROMETHEUS_PORT: "0",
          OTEL_LOG_LEVEL: "verbose",
          OTEL_EXPORTER_OTLP_HEADERS: `x-key=${SECRET}29`,
          STRATASCOPE_SPANS: "all",
        },
      });
      const [, url] = await running.says(/metrics on (\S+)/);
      await running.says(/done/);
      const pages = [await scrape(url!), await scrape(url!, OPEN_METRICS)].map(({ text }) => text);
      running.process.stdin!.end();
      const { stderr, code } = await running.ended;
      expect(code).to.equal(0);
      expect(receiver.spans.length).to.be.greaterThan(40);
      const { spans, metrics, logs } = receiver;
      const shown = {
        spans: JSON.stringify(spans),
        metrics: JSON.stringify(metrics),
        logs: JSON.stringify(logs),
        page: pages.join(""),
        stderr,
      };
      for (const [where, text] of Object.entries(shown)) {
        const leaks = text.split(/(?<=[,}\n])/).filter((part) => part.includes(SECRET));
        expect(leaks, where).to.deep.equal([]);
      }
    });
  }
});
