import { messageOf } from "../errors.ts";
import type { AttemptDetail, Failed } from "../outcome.ts";
import { errorDetailOf } from "./error-detail.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** The outcome of an attempt whose handler threw this: a failure to be retried, unless `retry` is false. */
export function failedBy(thrown: unknown, retry = true): Failed & AttemptDetail {
  return {
    kind: "failed",
    error: withoutSecrets(messageOf(thrown)),
    thrown,
    retry,
    class: "error",
    detail: JSON.stringify(errorDetailOf(thrown)),
  };
}
