import { PosthornError } from "../../core/errors.ts";

/** The proxy that connections go through let one down. */
export class EgressProxyError extends PosthornError {
  readonly code = "egress_proxy";
  /** `blocked`: it does not allow the target; `connect`: it did not reach it; `error`: it is the proxy that fails. */
  readonly class: "blocked" | "connect" | "error";

  constructor(message: string, failed: "blocked" | "connect" | "error") {
    super(message);
    this.class = failed;
  }
}
