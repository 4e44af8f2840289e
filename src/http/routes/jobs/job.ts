import type { Context } from "hono";
import type { z } from "zod";
import { JobNotFoundError } from "../../../core/errors.ts";
import type { Job } from "../../../core/job.ts";
import type { Caller } from "../../access/permission.ts";
import { requireJobSeen } from "../../access/reach.ts";
import { requireDeliverySeen } from "../../access/types-seen.ts";
import { json } from "../../answer/answer.ts";
import type { JobPlace } from "../../answer/job-place.ts";
import { pollHint } from "../../answer/job-view.ts";
import type { Facade } from "../../facade.ts";
import { hasEnded } from "../../live/waits.ts";
import { noteRevealed, revealQuery } from "../../redaction/reveal.ts";
import { headerOf } from "../../request/incoming.ts";
import { parseQuery } from "../../request/parse.ts";
import { preferencesOf } from "../../request/prefer.ts";
import type { Parameter, Route, Services } from "../../route.ts";

export const jobIdParameter: Parameter = {
  name: "job_id",
  in: "path",
  description: "The job's id, from the answer that accepted it.",
  example: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

const waitParameter: Parameter = {
  name: "Prefer",
  in: "header",
  description:
    "RFC 7240. wait=N: if the job is live, wait up to N seconds (at most 60) for it to end. Other preferences are ignored.",
  example: "wait=10",
};

/**
 * The job that the path names.
 * @throws JobNotFoundError when there is none that the caller sees, or it is of another task than the place shows.
 */
export async function namedJob(
  c: Context,
  caller: Caller,
  { tasks }: JobPlace,
  { jobs, webhooks }: Facade,
): Promise<Job> {
  const id = c.req.param("job_id") ?? "";
  const job = await jobs.get(id);
  if (tasks && !tasks.includes(job.task)) throw new JobNotFoundError(id);
  await requireJobSeen(job, caller, webhooks.tenants);
  await requireDeliverySeen(job, caller, webhooks.events);
  return job;
}

/** If the query gives a reason, records that all of the job is shown. */
export function noteJobRevealed(
  c: Context,
  caller: Caller,
  query: z.infer<typeof revealQuery>,
  { audit }: Facade,
  { id, origin }: Job,
): Promise<void> {
  return noteRevealed(c, caller, query, audit, { kind: "job", id, tenantId: origin?.tenant });
}

export function jobRoute({ posthorn, clock, waits }: Services, place: JobPlace): Route {
  return {
    method: "GET",
    path: `${place.path}/{job_id}`,
    needs: "read",
    scope: "tenant",
    reveals: true,
    operation: {
      id: place.operationIds.get,
      tag: place.tag,
      summary: "Get a job",
      parameters: [jobIdParameter, waitParameter],
      query: revealQuery,
      answers: {
        200: {
          description: "The job.",
          schema: place.job,
          example: place.example,
          headers: {
            "Preference-Applied": "wait=N, when the job was waited for.",
            "Retry-After": "While the job is live: how many seconds to wait before looking again.",
          },
        },
      },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(revealQuery, c.req.url);
      const job = await namedJob(c, caller, place, posthorn);
      await noteJobRevealed(c, caller, query, posthorn, job);
      const { waitSeconds } = preferencesOf(headerOf(c, "prefer"));
      if (waitSeconds === 0 || hasEnded(job)) return json(200, place.view(job), pollHint(job, clock.now()));
      const end = clock.now() + waitSeconds * 1_000;
      const ended = await waits.end(job.id, waitSeconds, c.req.raw.signal);
      const later = ended ?? (await posthorn.jobs.get(job.id));
      const applied = ended !== undefined || clock.now() >= end; // else there were too many to wait with
      return json(200, place.view(later), {
        ...pollHint(later, clock.now()),
        ...(applied && { "preference-applied": `wait=${waitSeconds}` }),
      });
    },
  };
}
