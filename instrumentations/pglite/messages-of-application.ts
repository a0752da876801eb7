import type { OperationKind } from "../../src/recording/operation-kind.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { databaseOf, knownDatabase, type PgliteDatabase } from "./database.ts";
import type { Pglite } from "./engine.ts";
import { textIn } from "./messages.ts";
import { answerOf, messagesIn, type Outcome } from "./results.ts";
import { Run } from "./run.ts";

type Answer = (result: unknown, kind: OperationKind) => Outcome;

/** Messages that an answer consists of. */
type Messages = Parameters<typeof answerOf>[0];

/** Methods that send messages, with what they return; the bytes of an answer in parts are not kept. */
const METHODS: Readonly<Record<string, Answer>> = {
  execProtocol: (result, kind) => answerOf((result as { readonly messages: Messages }).messages, kind),
  execProtocolStream: (result, kind) => answerOf(result as Messages, kind),
  execProtocolRaw: (result, kind) => answerOf(messagesIn(result as Uint8Array), kind),
  execProtocolRawStream: (_, kind) => answerOf([], kind),
};

/**
 * Patches the methods that send messages. Most calls are by the package itself: they tell what text it runs. Those of the
 * application are operations, each that runs a text.
 */
export function patchMessages(prototype: object, probe: Probe): void {
  // They call each other, before they return.
  let isInside = false;
  for (const [name, answer] of Object.entries(METHODS))
    probe.wrap(prototype, name, (original) => {
      return function observed(this: Pglite, ...args: unknown[]): unknown {
        if (isInside) return Reflect.apply(original, this, args);
        const run = probe.attempt(() => sending(this, args[0], probe.guard.enabled));
        isInside = true;
        try {
          const send = (): unknown => Reflect.apply(original, this, args) as unknown;
          return run === undefined ? send() : probe.settle(send, ending(this, run, answer));
        } finally {
          isInside = false;
        }
      } as AnyFunction;
    });
}

/** Returns the run of a message of the application; undefined if it runs nothing, or is one of the package. */
function sending(self: Pglite, message: unknown, isObserved: boolean): Run | undefined {
  const database = knownDatabase(self);
  if (database?.running !== undefined) {
    const { running } = database;
    if (running.isUnsent) running.sends(textsIn(message));
    return undefined;
  }
  if (!isObserved || database?.isStarted === false || !self.ready || !(message instanceof Uint8Array)) return undefined;
  return sent(database ?? databaseOf(self), self, message);
}

function textsIn(message: unknown): string[] {
  const text = message instanceof Uint8Array ? textIn(message) : undefined;
  return text === undefined ? [] : [text];
}

function sent({ prepared, statements }: PgliteDatabase, self: Pglite, message: Uint8Array): Run | undefined {
  const texts = prepared.read(message);
  if (texts.length === 0) return undefined;
  const run = new Run();
  statements.begin(run, self.mod);
  run.sends(texts);
  return run;
}

const ending = (
  self: Pglite,
  run: Run,
  answer: Answer,
): { succeeded(result: unknown): void; failed(error: unknown): void } => {
  const { statements } = databaseOf(self);
  return {
    succeeded: (result) => statements.ended(run, { module: self.mod, outcome: (kind) => answer(result, kind) }),
    failed: (error) => statements.ended(run, { module: self.mod, error }),
  };
};
