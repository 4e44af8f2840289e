import type { FieldProblem } from "./errors.ts";
import { refuseOther, textOf, wrong } from "./options.ts";

/** Who does something to what Posthorn keeps, as the audit names them. */
export interface Actor {
  /** For people to read: the name of an API key, or what a program calls the person. */
  readonly name: string;
  /** What tells it from others of its name: the id of an API key. */
  readonly id?: string | null;
  /** The role that it acts in; null where there is none. */
  readonly role?: string | null;
  /** The way that it takes. `posthorn`: nobody; Posthorn did it by itself. Default `library`. */
  readonly via?: (typeof WAYS)[number];
  /** The address that the request came from. */
  readonly ip?: string | null;
  /** What the request was called by its sender: its `x-request-id`. */
  readonly requestId?: string | null;
}

/** By which way somebody acts. */
export const WAYS = ["api", "cli", "console", "portal", "library", "posthorn"] as const;

/** Who changes something, and why. */
export interface By {
  /** A name is that of somebody who acts through the library. */
  readonly actor?: Actor | string | null;
  readonly reason?: string | null;
}

/** What nobody said who did. */
export const BY_LIBRARY: Actor = { name: "library", via: "library" };
/** What Posthorn does by itself, such as to disable an endpoint that answers 410. */
export const BY_ITSELF: Actor = { name: "posthorn", via: "posthorn" };
export const BY_COMMAND_LINE: Actor = { name: "command line", via: "cli" };

/**
 * Who it is, and why: without types, somebody will pass the name of a person in place of it.
 * @throws InvalidInputError naming what cannot be written down.
 */
export function readBy(by: By = {}): { readonly actor: Actor; readonly reason: string | null } {
  refuseOther(by, ["by"], "must be an object with actor and reason");
  const reason = textOrNull(by.reason, ["reason"]);
  const { actor } = by;
  if (actor === undefined || actor === null) return { actor: BY_LIBRARY, reason };
  if (typeof actor === "string") return { actor: { name: actor, via: "library" }, reason };
  refuseOther(actor, ["actor"], "must be a name, or an object with name");
  textOf(actor.name, ["actor", "name"]);
  for (const member of ["id", "role", "ip", "requestId"] as const)
    textOrNull(actor[member], ["actor", member]);
  if (actor.via !== undefined && !WAYS.includes(actor.via))
    throw wrong(["actor", "via"], `must be one of ${WAYS.join(", ")}`);
  return { actor, reason };
}

function textOrNull(value: string | null | undefined, path: FieldProblem["path"]): string | null {
  return value === undefined || value === null ? null : textOf(value, path);
}

/** What names them where there is room for one word; null where nobody will be named. `readBy` checks it. */
export function actorName(by: By | undefined): string | null {
  const actor = by?.actor;
  if (actor === undefined || actor === null) return null;
  if (typeof actor === "string") return actor;
  return actor.via === "posthorn" ? null : (actor.id ?? actor.name);
}
