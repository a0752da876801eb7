// An application that gives our loggers odd messages and fields, each with a number, and says how many there were.
const { addLogFields, logger, withLogFields } = require("stratascope");

const throwing = () => {
  throw new Error("of the application");
};
const traps = ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"];
const hostile = (target) => new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, throwing])));
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const getter = (object, name) => Object.defineProperty(object, name, { get: throwing, enumerable: true });

const ODD = [
  hostile({}),
  hostile(new Error("x")),
  hostile([]),
  revoked.proxy,
  getter({ kept: 1 }, "bad"),
  getter(new Error("x"), "message"),
  getter(new Error("x"), "stack"),
  getter({}, "error"),
  getter({}, "event_name"),
  getter({}, "duration_ms"),
  getter({}, "toJSON"),
  getter({}, "then"),
  { toJSON: throwing },
  { error: hostile(new Error("x")), event_name: hostile({}) },
  Object.create(null),
  Symbol("symbol"),
  new Map([["a", 1]]),
  new Float64Array(3),
  new Date(NaN),
  2n ** 70n,
  "\u202e\u2066\u2028\u0085\u009b31m\u001b[31m\u200f\u061c\ud800",
  JSON.parse('{"__proto__": 1, "constructor": 2, "hasOwnProperty": 3, "\\u202e\\u001b[31m": 4}'),
];

const log = logger("odd");
let told = 0;
for (const odd of ODD) {
  log.info(`number ${told++}`, odd);
  log.info(`number ${told++}`, { field: odd, error: odd });
  log.info(odd, { number: told++ });
  withLogFields(odd, () => log.info(`number ${told++}`));
  withLogFields({}, () => {
    addLogFields(odd);
    log.info(`number ${told++}`);
  });
}
console.log(JSON.stringify({ told }));
