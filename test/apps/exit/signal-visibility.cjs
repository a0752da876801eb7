// Says at every moment what can be seen of the listeners of signals, and how it is called.
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"];
const seen = () =>
  SIGNALS.map((signal) => [
    process.listenerCount(signal),
    process.listeners(signal).length,
    process.rawListeners(signal).length,
    process.eventNames().includes(signal),
  ]).join(" ");
const say = (moment) => console.log(moment, seen());

const listener = () => say("listener");
const steps = {
  start: () => {},
  on: () => process.on("SIGTERM", listener),
  "on twice": () => process.on("SIGTERM", listener),
  off: () => process.off("SIGTERM", listener),
  removeListener: () => process.removeListener("SIGTERM", listener),
  prependListener: () => process.prependListener("SIGINT", listener),
  removeAllListeners: () => process.removeAllListeners("SIGINT"),
  once: () => process.once("SIGHUP", () => say("once")),
  "emit, by itself": () => process.emit("SIGHUP", "SIGHUP"),
  prependOnceListener: () => process.prependOnceListener("SIGHUP", () => say("prepended once")),
};
process.on("newListener", (event) => SIGNALS.includes(event) && say(`before ${event} is added`));
process.on("removeListener", (event) => SIGNALS.includes(event) && say(`after ${event} was removed`));
for (const [name, step] of Object.entries(steps)) {
  step();
  say(name);
}
process.once("SIGTERM", () => {
  say("handled once");
  process.nextTick(() => say("in the next tick"));
  setTimeout(() => {
    say("later");
    process.kill(process.pid, "SIGTERM");
    // Only where there is telemetry to send is it still alive here, for a moment.
    setInterval(() => {}, 1000);
  }, 20);
});
say("ready");
process.kill(process.pid, "SIGHUP");
setTimeout(() => process.kill(process.pid, "SIGTERM"), 20);
setTimeout(() => process.exit(9), 20_000);
