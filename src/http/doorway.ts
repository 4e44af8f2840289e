import type { Context } from "hono";
import { OverloadedError } from "../core/errors.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { OneRequest } from "../observe/request-events.ts";
import type { AccessRule, Caller, Gate } from "./access/permission.ts";
import type { LargeAnswers } from "./answer/large-answers.ts";
import { ThrownAnswers } from "./answer/thrown.ts";
import { WAITED } from "./answer/waited.ts";
import { payloadsShown } from "./redaction/payloads-shown.ts";
import type { RedactedAnswers } from "./redaction/redacted-answers.ts";
import type { BasePath } from "./request/base-path.ts";
import type { BodyReader } from "./request/body.ts";
import type { Route } from "./route.ts";

export interface DoorwayParts {
  readonly gate: Gate;
  readonly instrument: Instrument;
  readonly bodies: BodyReader;
  readonly redacted: RedactedAnswers;
  readonly large: LargeAnswers;
  readonly base: BasePath;
  /** Requests at one time. */
  readonly most: number;
}

/** Every request goes through here, in and out: counted, admitted, answered whatever is thrown, and reported. */
export class Doorway {
  readonly #gate: Gate;
  readonly #instrument: Instrument;
  readonly #thrown: ThrownAnswers;
  readonly #bodies: BodyReader;
  readonly #redacted: RedactedAnswers;
  readonly #large: LargeAnswers;
  readonly #base: BasePath;
  readonly #max: number;
  #inside = 0;

  constructor({ gate, instrument, bodies, redacted, large, base, most }: DoorwayParts) {
    this.#gate = gate;
    this.#bodies = bodies;
    this.#base = base;
    this.#instrument = instrument;
    this.#thrown = new ThrownAnswers(instrument);
    this.#max = most;
    this.#large = large;
    this.#redacted = redacted;
  }

  async pass(
    c: Context,
    route: AccessRule & Pick<Route, "path" | "accepts">,
    handle: (caller: Caller) => Response | Promise<Response>,
  ): Promise<Response> {
    const { "request.answered": answered } = this.#instrument;
    const begun = answered.isHeard ? performance.now() : 0;
    let answer: Response;
    this.#inside++;
    try {
      if (this.#inside > this.#max && route.needs !== "none")
        throw new OverloadedError("too many requests are being handled; try again shortly");
      const admitted = this.#gate.admit(c, route);
      const caller = admitted instanceof Promise ? await admitted : admitted;
      const payloads = payloadsShown(c, caller, route);
      const whole = await handle(caller);
      // answers that are the same for everyone contain nothing that anyone sent
      const shown =
        payloads === "full" || route.scope === "everyone"
          ? whole
          : await this.#redacted.shown(whole, payloads);
      answer = this.#base.relocated(c.req.method === "GET" ? this.#large.bounded(shown) : shown);
    } catch (thrown) {
      answer = this.#thrown.answer(thrown, named(c, route));
    } finally {
      this.#bodies.release(c);
      this.#inside--;
    }
    if (answered.isHeard)
      answered.publish({
        ...named(c, route),
        status: answer.status,
        ms: performance.now() - begun,
        isAcceptance: answer.status === 202 && route.accepts === true && !c.get(WAITED),
      });
    return answer;
  }
}

function named(c: Context, { path: route }: { readonly path: string }): OneRequest {
  return { method: c.req.method, route };
}
