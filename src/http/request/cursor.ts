import { isId } from "../../core/id.ts";
import { NOT_A_CURSOR } from "../../engine/lists.ts";
import { badQuery, type RequestError } from "./request-error.ts";

/**
 * Where a page of a list ends, in the form given to the caller. Opaque: its contents may change, so callers must not read or
 * build it. A page is the rows before this one, so a list that grows at its head shifts nothing.
 */
export function cursorAfterJob(jobId: string): string {
  return Buffer.from(jobId).toString("base64url");
}

/** @throws RequestError 422 when it is not a cursor of a list of jobs. */
export function jobOfCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (isId("job", id) && cursorAfterJob(id) === cursor) return id;
  throw badCursor();
}

export function cursorAfterAttempt(n: number): string {
  return Buffer.from(`attempt_${n}`).toString("base64url");
}

/** @throws RequestError 422 when it is not a cursor of a list of attempts. */
export function attemptOfCursor(cursor: string): number {
  const n = Number(/^attempt_(\d{1,9})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1]);
  if (n > 0 && cursorAfterAttempt(n) === cursor) return n;
  throw badCursor();
}

function badCursor(): RequestError {
  return badQuery([{ parameter: "cursor", detail: NOT_A_CURSOR }]);
}
