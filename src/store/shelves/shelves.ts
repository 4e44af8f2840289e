import { ApiKeys, type KeyRing } from "./api-keys.ts";
import { type SecretShelf, Secrets } from "./secrets.ts";
import type { Session } from "./session.ts";

/** The parts of a store that are tables which nothing is claimed from: written once, for both databases. */
export interface Shelves {
  readonly keys: KeyRing;
  readonly secrets: SecretShelf;
}

export function shelvesOn(session: Session): Shelves {
  return {
    keys: new ApiKeys(session),
    secrets: new Secrets(session),
  };
}
