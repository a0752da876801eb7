import { HttpError, ok, readJsonLines, type Call, type Reply, type Route } from "../service/http.ts";
import type { Sighting, Sightings } from "./sightings.ts";
import type { Totals } from "./totals.ts";

/** What the service answers to. */
export function createRoutes(sightings: Sightings, totals: Totals): Route[] {
  const add = async ({ request }: Call): Promise<Reply> => {
    const seen: Sighting[] = [];
    for await (const sighting of readSightings(request)) seen.push(sighting);
    await Promise.all([sightings.add(seen), totals.add(seen.map(({ word }) => word))]);
    return { status: 201, body: { added: seen.length } };
  };
  const show = async ({ parameter: word }: Call): Promise<Reply> =>
    ok({ word, total: totals.of(word), first: await sightings.of(word) });
  return [
    { method: "POST", path: /^\/sightings$/, handle: add },
    { method: "GET", path: /^\/words\/([^/]+)\/sightings$/, handle: show },
  ];
}

async function* readSightings(request: Call["request"]): AsyncGenerator<Sighting> {
  for await (const line of readJsonLines(request)) {
    if (!isSighting(line)) throw new HttpError(400, "a sighting has a word, a page and a context");
    yield line;
  }
}

function isSighting(value: unknown): value is Sighting {
  const { word, page, context } = (value ?? {}) as Partial<Record<keyof Sighting, unknown>>;
  return typeof word === "string" && typeof page === "number" && typeof context === "string";
}
