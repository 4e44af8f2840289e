import type { Context } from "hono";
import { keyHolder } from "../access/key-gate.ts";
import type { AccessRule, Caller, Gate } from "../access/permission.ts";
import { headerOf } from "../request/incoming.ts";
import type { Visitors } from "./visitors.ts";

/** Lets in people who have signed in to the console, to the same routes and with the same rights as their key. */
export class ConsoleGate implements Gate {
  readonly #keys: Gate;
  readonly #visitors: Visitors;

  /** @param keys for requests that bring a key. */
  constructor(keys: Gate, visitors: Visitors) {
    this.#keys = keys;
    this.#visitors = visitors;
  }

  admit(c: Context, rule: AccessRule): Caller | Promise<Caller> {
    if (rule.needs === "none" || headerOf(c, "authorization") !== null) return this.#keys.admit(c, rule);
    return this.#signedIn(c, rule);
  }

  async #signedIn(c: Context, rule: AccessRule): Promise<Caller> {
    const visitor = await this.#visitors.visitorOf(c);
    return visitor ? keyHolder(visitor.key, rule, visitor.again, "console") : this.#keys.admit(c, rule);
  }
}
