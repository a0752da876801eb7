import { callingModule } from "../../src/insights/call-site.ts";
import type { Identity, Instance } from "../../src/recording/instance.ts";
import { Guard } from "../../src/runtime/guard.ts";

const guard = new Guard("named-groups");

/** Maximum names of the objects of a package that are open at once; names come from outside. */
const MAX_NAMES = 100;
const OTHER = "other";

/** Maximum objects of one name whose sizes are polled; with more, there are no sizes rather than wrong ones. */
const MAX_MEASURED = 1_000;

/** Name as code has them. What has more digits than a version may be the id of a user. */
const NAME = /^[\w$.:/-]{1,64}$/;
const MAX_DIGITS = 2;
/** Maximum characters of a name that is a path; the last ones tell more. */
const MAX_PATH = 255;
/** Maximum characters of the name of a minified class, which says nothing. */
const MAX_MINIFIED = 2;

function isName(name: unknown): name is string {
  if (typeof name !== "string" || !NAME.test(name)) return false;
  let digits = 0;
  for (const character of name) if (character >= "0" && character <= "9") digits++;
  return digits <= MAX_DIGITS;
}

/**
 * Returns the name of the class of an object, if the application derived it from that of the package.
 * @param own the names of the classes of the package
 */
export function classNameOf({ constructor: { name } }: object, own: ReadonlySet<string>): string | undefined {
  return own.has(name) || name.length <= MAX_MINIFIED ? undefined : name;
}

/** Package that creates objects the application can have many of, as data. */
export interface Family<Member extends object> {
  /** `db.system.name`: the package. */
  readonly system: string;
  /** Returns the name the code of the application gives to an object, if it does. */
  readonly nameOf: (member: Member) => unknown;
}

/** Objects of one name, which end together. None of them is kept alive. */
export abstract class NamedGroup<Member extends object> {
  readonly name: string;
  abstract readonly instance: Instance<Identity>;
  readonly #members = new Set<WeakRef<Member>>();

  constructor(name: string) {
    this.name = name;
  }

  joined(member: WeakRef<Member>): void {
    this.#members.add(member);
  }

  /**
   * Notes that an object was collected.
   * @returns true if it was the last one: the group is closed
   */
  left(member: WeakRef<Member>): boolean {
    this.#members.delete(member);
    if (this.#members.size > 0) return false;
    this.instance.closed();
    return true;
  }

  /** Returns the objects that were not collected; none if there are too many to poll. */
  protected measured(): Member[] {
    if (this.#members.size > MAX_MEASURED) return [];
    return Array.from(this.#members, (member) => member.deref()).filter((member) => member !== undefined);
  }
}

/** Groups of the objects of one package. */
export class NamedGroups<Member extends object, Group extends NamedGroup<Member>> {
  readonly #family: Family<Member>;
  readonly #packages: ReadonlySet<string>;
  readonly #create: (name: string) => Group;
  readonly #groups = new Map<string, Group>();
  readonly #collected = new FinalizationRegistry<readonly [Group, WeakRef<Member>]>(
    guard.callback(([group, member]) => {
      if (group.left(member)) this.#groups.delete(group.name);
    }),
  );

  /** @param packages packages that use the objects on behalf of others, and name none */
  constructor(family: Family<Member>, packages: ReadonlySet<string>, create: (name: string) => Group) {
    this.#family = family;
    this.#packages = packages;
    this.#create = create;
  }

  /** Returns the group of a new object. To be called within its first call, which can name it. */
  join(member: Member): Group {
    const name = this.#nameOf(member);
    const group = this.#groups.get(name) ?? this.#create(name);
    this.#groups.set(name, group);
    const reference = new WeakRef(member);
    group.joined(reference);
    this.#collected.register(member, [group, reference]);
    return group;
  }

  #nameOf(member: Member): string {
    const { system } = this.#family;
    const given = this.#givenNameOf(member);
    const name = isName(given) ? given : (callingModule(this.#packages)?.slice(-MAX_PATH) ?? system);
    return this.#groups.size < MAX_NAMES || this.#groups.has(name) ? name : OTHER;
  }

  /** Returns the name that the application gives to an object. Its own getters can fail. */
  #givenNameOf(member: Member): unknown {
    try {
      return this.#family.nameOf(member);
    } catch {
      return undefined;
    }
  }
}
