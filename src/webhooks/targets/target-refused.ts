import { PosthornError } from "../../core/errors.ts";

/** A target leads to an address that is not public and that no operator let through. */
export class TargetRefusedError extends PosthornError {
  readonly code = "target_refused";
}
