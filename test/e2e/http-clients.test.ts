import { expect } from "chai";
import { before, describe, it } from "mocha";
import { App, type Ended } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedSpan } from "../helpers/receiver.ts";

const CLIENTS = ["http", "fetch", "undici", "undici-5"] as const;

/** What a client sends by itself, and what differs from run to run. */
const isOwn = (key: string): boolean => ["user_agent.original", "server.port", "network.peer.port"].includes(key);

interface Seen {
  readonly ended: Ended;
  readonly spans: Readonly<Record<string, unknown>>;
  readonly series: Readonly<Record<string, number>>;
}

async function see(client: string, node: string): Promise<Seen> {
  const receiver = new Receiver();
  await receiver.start();
  const ended = await new App("http").run("clients.mjs", { node, env: receiver.env, args: [client] });
  await receiver.close();
  const ofClient = receiver.spans.filter(({ kind }) => kind.endsWith("CLIENT"));
  const points = receiver.latest.get("http.client.request.duration")?.points ?? [];
  return {
    ended,
    spans: Object.fromEntries(ofClient.map(told).sort(([a], [b]) => (a < b ? -1 : 1))),
    series: Object.fromEntries(
      points.map(({ attributes, count }): [string, number] => [describeSeries(attributes), Number(count)]),
    ),
  };
}

function told({ name, status, attributes }: ReceivedSpan): [string, unknown] {
  const entries = Object.entries(attributes).filter(([key]) => !isOwn(key) && !key.startsWith("thread."));
  const path = String(attributes["url.full"]).replace(/^http:\/\/[^/]*/, "");
  const kept = Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  return [path, { name, status: status.code, attributes: { ...kept, "url.full": path } }];
}

const describeSeries = (attributes: Readonly<Record<string, unknown>>): string =>
  Object.entries(attributes)
    .filter(([key]) => !isOwn(key))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(" ");

for (const version of SUPPORTED) {
  describe(`requests of any client on Node.js ${version}`, () => {
    const node = nodeOf(version);
    let byHttp: Seen;

    before(async () => {
      byHttp = await see("http", node);
      expect(Object.keys(byHttp.spans)).to.have.length(18);
    });

    for (const client of CLIENTS) {
      it(`look unchanged to the application: ${client}`, async () => {
        const bare = await new App("http").run("clients.mjs", { node, flags: [], args: [client] });
        expect((await see(client, node)).ended).to.deep.equal(bare);
      });
    }

    for (const client of CLIENTS.slice(1)) {
      it(`have the same spans and counts as those of node:http: ${client}`, async () => {
        const seen = await see(client, node);
        for (const [path, span] of Object.entries(seen.spans)) expect(span, path).to.deep.equal(byHttp.spans[path]);
        const unknown = client === "undici-5" ? ["/never?timeout"] : [];
        expect(Object.keys(byHttp.spans).filter((path) => seen.spans[path] === undefined)).to.deep.equal(unknown);
        expect(Object.entries(byHttp.series).filter(([key, count]) => seen.series[key] !== count)).to.have.length(
          unknown.length,
        );
      });
    }
  });
}
