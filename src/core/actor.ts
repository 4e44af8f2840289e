import type { FieldProblem } from "./errors.ts";
import { refuseOther, refuseUnknown, textOf, wrong } from "./options.ts";

/** Who makes a change, as the audit names them. */
export interface Actor {
  /** For people to read: the name of an API key, or the name that a program uses for the person. */
  readonly name: string;
  /** Tells actors of the same name apart: the id of an API key. */
  readonly id?: string | null;
  /** The role of the key or person; null if there is none. */
  readonly role?: string | null;
  /** How the change was made. `posthorn` means by nobody: Posthorn did it by itself. Default `library`. */
  readonly via?: (typeof WAYS)[number];
  /** The address that the request came from. */
  readonly ip?: string | null;
  /** The `x-request-id` that the client sent. */
  readonly requestId?: string | null;
}

/** The ways in which somebody can act. */
export const WAYS = ["api", "cli", "console", "portal", "library", "posthorn"] as const;

const MEMBERS = ["name", "id", "role", "via", "ip", "requestId"] as const satisfies readonly (keyof Actor)[];

/** Who makes a change and why, for the audit. */
export interface By {
  /** A plain name stands for somebody who acts through the library. */
  readonly actor?: Actor | string | null;
  readonly reason?: string | null;
}

/** For changes whose caller did not say who makes them. */
const BY_LIBRARY: Actor = { name: "library", via: "library" };
/** For what Posthorn does by itself, such as disabling an endpoint that answers 410. */
export const BY_ITSELF: Actor = { name: "posthorn", via: "posthorn" };
export const BY_COMMAND_LINE: Actor = { name: "command line", via: "cli" };

/**
 * Who it is, and why: without types, somebody will pass the name of a person in place of it.
 * @throws InvalidInputError naming what cannot be written down.
 */
export function readBy(by: By = {}): { readonly actor: Actor; readonly reason: string | null } {
  refuseOther(by, ["by"], "must be an object with actor and reason");
  refuseUnknown(by, ["actor", "reason"] satisfies (keyof By)[], ["by"]);
  const reason = textOrNull(by.reason, ["reason"]);
  const { actor } = by;
  if (actor === undefined || actor === null) return { actor: BY_LIBRARY, reason };
  if (typeof actor === "string") return { actor: { name: actor, via: "library" }, reason };
  refuseOther(actor, ["actor"], "must be a name, or an object with name");
  refuseUnknown(actor, MEMBERS, ["actor"]);
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

/** The actor's name, where only a name is kept; null if it will not be kept. `readBy` checks it. */
export function actorName(by: By | undefined): string | null {
  const actor = by?.actor;
  if (actor === undefined || actor === null) return null;
  if (typeof actor === "string") return actor;
  return actor.via === "posthorn" ? null : (actor.id ?? actor.name);
}
