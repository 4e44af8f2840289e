import { byOf } from "../../access/by.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import { soughtBy } from "../../redaction/sought.ts";
import { jobOfCursor } from "../../request/cursor.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { jobExportQuery } from "../../schemas/queries.ts";
import { taskJobFilter } from "./jobs.ts";

export function jobExportRoute({ posthorn, exports, redacted }: Services): Route {
  const headers = {
    "content-type": "application/x-ndjson",
    "content-disposition": 'attachment; filename="jobs.ndjson"',
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return {
    method: "GET",
    path: "/jobs/export",
    needs: "read",
    scope: "tenant",
    operation: {
      id: "exportTaskJobs",
      tag: "Jobs",
      summary: "Export a list of jobs",
      description:
        "One line of JSON per job, in the form of GET /jobs, newest first. The last line, {end: true, jobs, next_cursor}, has the number of jobs, and the cursor to continue with if there are more than limit; if it is missing, the export was interrupted. Lines are sent as fast as they are read; with text, as jobs are found. Each export is recorded in the audit.",
      query: jobExportQuery,
      answers: { 200: { description: "The jobs.", type: "application/x-ndjson" } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      // Hono drops the body of an answer to HEAD unread, and would leave an export that nobody ends
      if (c.req.raw.method === "HEAD") return new Response(null, { headers });
      const { limit, cursor, ...asked } = parseQuery(jobExportQuery, c.req.url);
      const { text, ...query } = asked;
      const sought = text === undefined ? undefined : soughtBy(text, payloadsShown(c, caller), redacted);
      const filter = await taskJobFilter(query, caller, posthorn);
      const after = cursor === undefined ? undefined : jobOfCursor(cursor);
      const body = exports.open({ filter, sought, limit, after, caller });
      try {
        await posthorn.audit.exported({ filter: asked, tenantId: filter.tenant ?? null }, byOf(c, caller));
      } catch (error) {
        await body.cancel();
        throw error;
      }
      return new Response(body, { headers });
    },
  };
}
