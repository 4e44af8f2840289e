import type { Attempt } from "../../../core/job.ts";
import { json } from "../../answer/answer.ts";
import type { JobPlace } from "../../answer/job-place.ts";
import { attemptView } from "../../answer/job-view.ts";
import { pageOf } from "../../answer/page.ts";
import { revealed } from "../../redaction/reveal.ts";
import { attemptOfCursor, cursorAfterAttempt } from "../../request/cursor.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { attemptPage } from "../../schemas/job.ts";
import { pageQuery } from "../../schemas/queries.ts";
import { jobIdParameter, namedJob, noteJobRevealed } from "./job.ts";

const attemptsQuery = pageQuery.extend(revealed);

export function attemptsRoute({ posthorn }: Services, place: JobPlace): Route {
  return {
    method: "GET",
    path: `${place.path}/{job_id}/attempts`,
    needs: "read",
    scope: "tenant",
    reveals: true,
    operation: {
      id: place.operationIds.attempts,
      tag: place.tag,
      summary: "List a job's attempts",
      description: "Newest first, in pages. A running attempt is listed once it has ended.",
      parameters: [jobIdParameter],
      query: attemptsQuery,
      answers: { 200: { description: "A page of attempts.", schema: attemptPage } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const { limit, cursor, ...query } = parseQuery(attemptsQuery, c.req.url);
      const before = cursor === undefined ? {} : { before: attemptOfCursor(cursor) };
      const job = await namedJob(c, caller, place, posthorn);
      await noteJobRevealed(c, caller, query, posthorn, job);
      // one more than asked for shows whether there is a next page
      const attempts = await posthorn.jobs.attempts(job.id, { limit: limit + 1, ...before });
      const data = pageOf(attempts, limit, lengthOf);
      const last = attempts.length > data.length ? data.at(-1) : undefined;
      return json(200, {
        data: data.map(attemptView),
        next_cursor: last ? cursorAfterAttempt(last.n) : null,
      });
    },
  };
}

/** Of its parts that can be long. */
function lengthOf({ error, excerpt, detail }: Attempt): number {
  return (error?.length ?? 0) + (excerpt?.length ?? 0) + (detail?.length ?? 0);
}
