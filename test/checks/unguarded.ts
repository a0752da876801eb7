import { parseSync, Visitor } from "oxc-parser";

const EMITTER_METHODS: ReadonlySet<string> = new Set(
  "on once addListener prependListener prependOnceListener addEventListener".split(" "),
);

/** Position of the callback in the arguments of the functions that take one. */
const CALLBACK_AT: ReadonlyMap<string, number> = new Map([
  ...`setTimeout setInterval setImmediate queueMicrotask nextTick FinalizationRegistry PerformanceObserver
  setUncaughtExceptionCaptureCallback`
    .split(/\s+/)
    .map((name) => [name, 0] as const),
  ...[...EMITTER_METHODS, "createServer"].map((name) => [name, 1] as const),
]);

/** Functions that take callbacks at any position, or in an object. */
const TAKES_CALLBACKS: ReadonlySet<string> = new Set(
  `subscribe bindStore createHook registerHooks createServer createConnection connect
  request get listen close write end stat`.split(/\s+/),
);

/** Methods of `Guard` that wrap a callback. */
const GUARDS: ReadonlySet<string> = new Set(["callback", "whileEnabled"]);

/** What settles a promise cannot fail. */
const HARMLESS: ReadonlySet<string> = new Set(["resolve", "reject"]);

/** As much of a node of the syntax tree as is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly name?: string;
  readonly callee?: Node;
  readonly property?: Node;
  readonly left?: Node;
  readonly right?: Node;
  readonly id?: Node;
  readonly key?: Node;
  readonly init?: Node | null;
  readonly value?: Node | null;
  readonly body?: Node | readonly Node[] | null;
  readonly declarations?: readonly Node[];
  readonly arguments?: readonly Node[];
  readonly properties?: readonly Node[];
}

/** Reads the last name of an expression; that of a private member begins with `#`. */
function nameOf(expression: Node | undefined): string {
  const last = expression?.property ?? expression;
  return last?.type === "PrivateIdentifier" ? `#${last.name}` : (last?.name ?? "");
}

const isFunction = ({ type }: Node): boolean => type === "ArrowFunctionExpression" || type === "FunctionExpression";

const isAttempt = ({ type, declarations }: Node): boolean =>
  type === "TryStatement" || nameOf(declarations?.[0]?.init?.callee) === "attempt";

/** A hook has to return something, so it has a `try` of its own; what is empty cannot fail. */
function handlesItself({ body }: Node): boolean {
  const { body: statements, callee } = body as Node;
  if (!Array.isArray(statements)) return nameOf(callee) === "attempt";
  return statements.length === 0 || statements.some(isAttempt);
}

const isWrapped = (value: Node | null | undefined): boolean => value != null && GUARDS.has(nameOf(value.callee));

/** The calls of a file, and the names of what is wrapped in it. */
class Source {
  readonly calls: Node[] = [];
  readonly assignments: Node[] = [];
  readonly #wrapped = new Set<string>();

  constructor(file: string, text: string) {
    const visit =
      (see: (node: Node) => void) =>
      (node: unknown): void =>
        see(node as Node);
    const call = visit((node) => this.calls.push(node));
    new Visitor({
      CallExpression: call,
      NewExpression: call,
      AssignmentExpression: visit((node) => {
        this.assignments.push(node);
        this.#name(node.left, node.right);
      }),
      VariableDeclarator: visit(({ id, init }) => this.#name(id, init)),
      PropertyDefinition: visit(({ key, value }) => this.#name(key, value)),
    }).visit(parseSync(file, text).program);
  }

  isGuarded(callback: Node): boolean {
    if (isFunction(callback)) return handlesItself(callback);
    const name = nameOf(callback);
    return isWrapped(callback) || HARMLESS.has(name) || this.#wrapped.has(name);
  }

  #name(target: Node | undefined, value: Node | null | undefined): void {
    if (isWrapped(value)) this.#wrapped.add(nameOf(target));
  }
}

/** The arguments of a call that may be callbacks: the one at a known position, and any function. */
function callbacksOf({ callee, arguments: given = [] }: Node): readonly Node[] {
  const name = nameOf(callee);
  // A function of that name, and no method, is one of ours.
  const at = EMITTER_METHODS.has(name) && callee?.property === undefined ? undefined : CALLBACK_AT.get(name);
  const known = at === undefined ? [] : given.slice(at, at + 1);
  if (!TAKES_CALLBACKS.has(name)) return known;
  if (name === "subscribe") return given.slice(-1);
  const parts = given.flatMap((each) => each.properties?.map(({ value }) => value ?? each) ?? [each]);
  return [...known, ...parts.filter((each) => isFunction(each) && !known.includes(each))];
}

/** Finds what is registered in a file to be called later, and does not go through a guard. */
export function unguardedIn(file: string, text: string): string[] {
  const source = new Source(file, text);
  const found = source.calls.flatMap((call) =>
    callbacksOf(call)
      .filter((callback) => !source.isGuarded(callback))
      .map(() => ({ start: call.start, name: nameOf(call.callee) })),
  );
  for (const { left, right, start } of source.assignments)
    if (/^on[a-z]+$/.test(nameOf(left)) && left?.property !== undefined && !source.isGuarded(right!))
      found.push({ start, name: nameOf(left) });
  return found.map(({ start, name }) => `${file}:${text.slice(0, start).split("\n").length}: ${name}`);
}
