import { innerPart } from "../core/inner-part.ts";
import type { Store } from "./store.ts";

/** Where a Posthorn keeps its store. */
export const STORE = Symbol.for("posthorn.store");

/** The store beneath a Posthorn: for its own surfaces (the API's keys, the test kit, the benchmark), not for programs. */
export function storeOf(posthorn: object): Store {
  return innerPart(posthorn, STORE);
}
