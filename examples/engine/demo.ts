/** Clients of the service. They use it until it stops, so that every part of Tidepool's work occurs within seconds. */
import { setTimeout as sleep } from "node:timers/promises";

const KEYS = 2_000;
const WRITERS = 24;

/** Milliseconds for which a snapshot stays open; from one second on it is reported. */
const SNAPSHOT_MS = 2_000;

class Client {
  readonly #address: string;
  readonly #signal: AbortSignal;

  constructor(address: string, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
  }

  async send(method: string, path: string, body?: string): Promise<void> {
    const response = await fetch(this.#address + path, { method, body: body ?? null, signal: this.#signal });
    await response.arrayBuffer();
  }

  pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.#signal });
  }
}

type Habit = (client: Client, round: number) => Promise<void>;

const keyOf = (round: number): string => `/keys/order/${(round * 7919) % KEYS}`;

/** Returns an order; one in sixteen is so large that it is stored in a value file. */
const valueOf = (round: number): string => "shells, ".repeat(round % 16 === 0 ? 1_000 : 100);

const writesAs =
  (writer: number): Habit =>
  (client, round) =>
    client.send("PUT", keyOf(round * WRITERS + writer), valueOf(round));

/** Work of each client, repeated until the end. */
const HABITS: readonly Habit[] = [
  ...Array.from({ length: WRITERS }, (_, writer) => writesAs(writer)),
  async function reads(client, round) {
    await client.send("GET", keyOf(round));
    await client.send("GET", `/prefix/order/${round % 100}`);
    await client.send("DELETE", keyOf(round));
  },
  async function counts(client) {
    await Promise.all([client.send("POST", "/counters/visits"), client.send("POST", "/counters/visits")]);
    await client.pause(50);
  },
  async function holdsSnapshot(client) {
    await client.send("POST", "/snapshots/report");
    await client.pause(SNAPSHOT_MS);
    await client.send("GET", "/snapshots/report");
    await client.send("DELETE", "/snapshots/report");
  },
  async function branches(client, round) {
    await client.send("POST", "/branches/draft");
    await client.send("PUT", `/branches/draft${keyOf(round)}`, valueOf(round));
    await client.send("POST", "/branches/trial");
    await client.pause(1_000);
    await client.send("DELETE", "/branches/trial");
    await client.send("POST", "/compact");
  },
];

/** Uses the service at an address until a signal is aborted. */
export async function use(address: string, signal: AbortSignal): Promise<void> {
  const client = new Client(address, signal);
  const repeat = async (habit: Habit): Promise<void> => {
    for (let round = 0; !signal.aborted; round++) await habit(client, round);
  };
  await Promise.all(HABITS.map(repeat)).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
