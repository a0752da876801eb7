import type { LogBridge } from "../../src/logs/library-bridge.ts";
import type { LogLibrary } from "../../src/logs/library.ts";
import { severityOf } from "./severity.ts";

interface Bunyan {
  readonly prototype: object;
  readonly nameFromLevel: Readonly<Record<number, string>>;
}

/** Record that is about to be written: an object created for this write alone. */
type Rec = Record<string, unknown>;

/** Fields that the resource reports, or that describe the format. */
const LEFT_OUT: ReadonlySet<string> = new Set(["name", "hostname", "pid", "level", "msg", "time", "v", "err"]);

/** bunyan: one method receives every record, complete, before it is serialized. */
export const bunyan: LogLibrary = {
  id: "bunyan",
  modules: [{ name: "bunyan", file: "lib/bunyan.js", versions: ["1.8.0", "3.0.0"] }],
  patch(exports, bridge) {
    const { prototype, nameFromLevel } = exports as Bunyan;
    bridge.wrap(
      prototype,
      "_emit",
      (original) =>
        function emit(this: unknown, rec: Rec, noemit?: boolean): unknown {
          bridge.attempt(() => {
            const sent = bridge.isSent && noemit !== true ? { ...rec } : undefined;
            Object.assign(
              rec,
              bridge.ids((name) => rec[name] !== undefined),
            );
            if (sent !== undefined) send(sent, bridge, nameFromLevel);
          });
          return Reflect.apply(original, this, arguments);
        } as never,
    );
  },
};

function send(rec: Rec, bridge: LogBridge, levels: Bunyan["nameFromLevel"]): void {
  const fields = Object.fromEntries(Object.entries(rec).filter(([name]) => !LEFT_OUT.has(name)));
  const { name, time, level, msg, err } = rec;
  bridge.send({
    scope: String(name),
    time,
    level: levels[level as number] ?? String(level),
    severity: severityOf(level),
    body: msg,
    fields,
    error: err,
  });
}
