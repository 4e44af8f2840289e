import { ConfigurationError } from "../core/errors.ts";
import type { Store } from "./store.ts";

/** Where a Posthorn keeps its store. Registered, so that every copy of this package finds it. */
export const STORE = Symbol.for("posthorn.store");

/**
 * The store beneath a Posthorn: for its own surfaces (the API's keys, the test kit, the benchmark), not for programs.
 * @throws ConfigurationError for anything that neither `openPosthorn` nor `openTestPosthorn` made.
 */
export function storeOf(posthorn: object): Store {
  const store: unknown = Reflect.get(posthorn, STORE);
  if (store) return store as Store; // nothing else has this symbol
  throw new ConfigurationError("this is not a Posthorn; pass what openPosthorn returned");
}
