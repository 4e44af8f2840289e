import { PosthornError } from "../../core/errors.ts";

/** A target leads to an address that is neither public nor allowed by the operator. */
export class TargetRefusedError extends PosthornError {
  readonly code = "target_refused";
}
