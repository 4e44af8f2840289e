import { changedFields } from "../../engine/audit/changed-fields.ts";
import type { Changes, Endpoint } from "../../store/shelves/endpoints.ts";
import { shownAuth } from "../auth/kept-auth.ts";

/** The fields whose values the history records; the others are not worth recording. */
const TOLD = [
  "url",
  "uid",
  "description",
  "egress",
  "headerStyle",
  "signature",
  "sendsEventType",
  "timeoutMs",
  "status",
  "statusReason",
] as const satisfies (keyof Endpoint)[];
/** Kept as JSON. */
const TOLD_OF_JSON = [
  "eventTypes",
  "channels",
  "filter",
  "metadata",
  "retry",
  "limits",
  "verification",
] as const satisfies (keyof Endpoint)[];
/** The fields of which only the fact that they changed is recorded. */
const SEALED = ["headers", "secrets"] as const satisfies (keyof Endpoint)[];
const HIDDEN = "[hidden]";

/** What of an endpoint changed, by field: what it was and what it is, without secrets. */
export function changesOf(before: Endpoint, after: Endpoint): Changes {
  const sealed = SEALED.filter((field) => before[field] !== after[field]).map(
    (field) => [field, [hiddenOf(before[field]), hiddenOf(after[field])]] as const,
  );
  const auth =
    before.auth === after.auth ? [] : [["auth", [shownAuth(before.auth), shownAuth(after.auth)]] as const];
  return { ...changedFields(before, after, TOLD, TOLD_OF_JSON), ...Object.fromEntries([...auth, ...sealed]) };
}

function hiddenOf(sealed: string | null): string | null {
  return sealed === null ? null : HIDDEN;
}
