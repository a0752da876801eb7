import { Guard } from "./guard.ts";

/** Guard of the code that runs at process exit. */
export const guard: Guard = new Guard("exit");

/** Adds a listener that stays behind those of the application, which may still act on the same event. */
export function listenLast(event: "exit", listener: () => void): void {
  const last = guard.callback(listener);
  let isMoving = false;
  process.on(
    "newListener",
    guard.callback((name: string | symbol, added: unknown) => {
      if (name !== event || added === last || isMoving) return;
      isMoving = true;
      queueMicrotask(
        guard.callback(() => {
          process.removeListener(event, last);
          process.on(event, last);
          isMoving = false;
        }),
      );
    }),
  );
  process.on(event, last);
}
