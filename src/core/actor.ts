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

export function actorOf({ actor }: By = {}): Actor {
  if (actor === undefined || actor === null) return BY_LIBRARY;
  return typeof actor === "string" ? { name: actor, via: "library" } : actor;
}

/** What names them where there is room for one word; null where nobody will be named. */
export function actorName({ actor }: By = {}): string | null {
  if (actor === undefined || actor === null) return null;
  if (typeof actor === "string") return actor;
  return actor.via === "posthorn" ? null : (actor.id ?? actor.name);
}
