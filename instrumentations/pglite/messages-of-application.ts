import type { OperationKind } from "../../src/recording/operation-kind.ts";
import type { Probe } from "../../src/instrument/probe.ts";
import type { AnyFunction } from "../../src/instrument/wrap.ts";
import { databaseOf, knownDatabase } from "./database.ts";
import type { Pglite } from "./engine.ts";
import { textIn } from "./messages.ts";
import { answerOf, messagesIn, type Outcome } from "./results.ts";
import { Run } from "./run.ts";

/** Messages that an answer consists of. */
type Messages = Parameters<typeof answerOf>[0];

/** Methods that send messages, with what they return; the bytes of an answer in parts are not kept. */
const METHODS: Readonly<Record<string, (result: unknown, kind: OperationKind) => Outcome>> = {
  execProtocol: (result, kind) => answerOf((result as { readonly messages: Messages }).messages, kind),
  execProtocolStream: (result, kind) => answerOf(result as Messages, kind),
  execProtocolRaw: (result, kind) => answerOf(messagesIn(result as Uint8Array), kind),
  execProtocolRawStream: (_, kind) => answerOf([], kind),
};

/** Message that was made last, with its text: to decode it again costs more than the rest of what is done for a query. */
let made: { readonly message: unknown; readonly text: string } | undefined;

function note(message: unknown, text: unknown): void {
  made = typeof text === "string" ? { message, text } : undefined;
}

/** Notes the text of each message that is made of one. */
export function patchTexts(serialize: object, { guard, wrap }: Probe): void {
  const textsOf = {
    query: (text: unknown) => text,
    parse: (query: unknown) => (query as { readonly text?: unknown } | undefined)?.text,
  };
  for (const [name, textOf] of Object.entries(textsOf))
    wrap(serialize, name, (original) => {
      return function observed(this: unknown, argument: unknown): unknown {
        const message = Reflect.apply(original, this as never, arguments as never) as unknown;
        try {
          note(message, textOf(argument));
        } catch (error) {
          guard.failed(error);
        }
        return message;
      } as AnyFunction;
    });
}

/**
 * Patches the methods that send messages. Most calls are by the package itself: they tell what text it runs. Those of the
 * application are operations, each that runs a text.
 */
export function patchMessages(prototype: object, probe: Probe): void {
  // They call each other, before they return.
  let isInside = false;
  for (const [name, read] of Object.entries(METHODS))
    probe.wrap(prototype, name, (original) => {
      return function observed(this: Pglite, message: unknown): unknown {
        if (isInside) return Reflect.apply(original, this, arguments as never);
        isInside = true;
        try {
          const running = knownDatabase(this)?.running;
          if (running !== undefined) {
            if (running.isUnsent) sends(running, message, probe);
            return Reflect.apply(original, this, arguments as never) as unknown;
          }
          const run = probe.guard.attempt(() => sending(this, message, probe.guard.enabled));
          const send = (): unknown => Reflect.apply(original, this, arguments as never) as unknown;
          return run === undefined ? send() : probe.settle(send, ending(this, run, read));
        } finally {
          isInside = false;
        }
      } as AnyFunction;
    });
}

/** Notes the first message of a call of the package, by which it parses or runs its text. */
function sends(run: Run, message: unknown, { guard }: Probe): void {
  try {
    const known = made;
    made = undefined;
    if (known?.message === message) run.sends(known?.text);
    else run.sends(message instanceof Uint8Array ? textIn(message) : undefined);
  } catch (error) {
    guard.failed(error);
  }
}

/** Returns the run of a message of the application; undefined if it runs nothing. */
function sending(self: Pglite, message: unknown, isObserved: boolean): Run | undefined {
  if (!isObserved || !self.ready || !(message instanceof Uint8Array)) return undefined;
  const { prepared, isStarted, database } = databaseOf(self);
  const texts = isStarted ? prepared.read(message) : [];
  if (texts.length === 0) return undefined;
  const run = new Run();
  run.begin(database);
  for (const text of texts) run.sends(text);
  return run;
}

function ending(
  self: Pglite,
  run: Run,
  read: (result: unknown, kind: OperationKind) => Outcome,
): { succeeded(result: unknown): void; failed(error: unknown): void } {
  const { statements } = databaseOf(self);
  return {
    succeeded: (result) => statements.ended(run, { module: self.mod, result, error: undefined, read }),
    failed: (error) => statements.ended(run, { module: self.mod, result: undefined, error: error ?? "", read }),
  };
}
