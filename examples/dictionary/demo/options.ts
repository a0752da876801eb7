import { parseArgs } from "node:util";

/** What the demo was asked for. */
export interface Options {
  readonly seconds: number;
  readonly serve: boolean;
  readonly help: boolean;
}

export const USAGE = `npm run demo -- [--seconds N] [--serve]

  --seconds N  how long the clients send requests, 1 to 3600; 20 unless told
  --serve      keep the services and their /metrics up after the table, until Ctrl-C
`;

/** Throws with one line on what cannot be understood. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "20" },
      serve: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3_600)
    throw new Error(`--seconds takes a whole number from 1 to 3600, not "${values.seconds}"`);
  return { ...values, seconds };
}
