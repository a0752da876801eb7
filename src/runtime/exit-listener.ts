import { Guard } from "./guard.ts";

/** Stands between what is done at the end and the application. */
export const guard: Guard = new Guard("exit");

/** Listens behind the application, which may still do something when it is told the same. */
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
