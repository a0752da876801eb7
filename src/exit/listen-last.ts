/** Listens behind the application, which may still do something when it is told the same. */
export function listenLast(event: "exit", listener: () => void): void {
  let isMoving = false;
  process.on("newListener", (name: string | symbol, added: unknown) => {
    if (name !== event || added === listener || isMoving) return;
    isMoving = true;
    queueMicrotask(() => {
      process.removeListener(event, listener);
      process.on(event, listener);
      isMoving = false;
    });
  });
  process.on(event, listener);
}
