import type { Context } from "hono";
import { JobNotFoundError } from "../../core/errors.ts";
import type { Job } from "../../core/job.ts";
import { json } from "../answer/answer.ts";
import type { JobPlace } from "../answer/job-place.ts";
import { pollHint } from "../answer/job-view.ts";
import type { Facade } from "../facade.ts";
import type { Parameter, Route, Services } from "../route.ts";

export const jobIdParameter: Parameter = {
  name: "job_id",
  in: "path",
  description: "The job's id, from the answer that accepted it.",
  example: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

/**
 * The job that the path names.
 * @throws JobNotFoundError when there is none, or it is of another task than the place shows.
 */
export async function namedJob(c: Context, { tasks }: JobPlace, { jobs }: Facade): Promise<Job> {
  const id = c.req.param("job_id") ?? "";
  const job = await jobs.get(id);
  if (tasks && !tasks.includes(job.task)) throw new JobNotFoundError(id);
  return job;
}

export function jobRoute({ posthorn, clock }: Services, place: JobPlace): Route {
  return {
    method: "GET",
    path: `${place.path}/{job_id}`,
    needs: "read",
    operation: {
      id: place.operationIds.get,
      tag: place.tag,
      summary: "Look a job up",
      parameters: [jobIdParameter],
      answers: {
        200: {
          description: "The job.",
          schema: place.job,
          example: place.example,
          headers: {
            "Retry-After": "While the job is live: seconds after which looking again may show more.",
          },
        },
      },
      problems: [404],
    },
    async handle(c) {
      const job = await namedJob(c, place, posthorn);
      return json(200, place.view(job), pollHint(job, clock.now()));
    },
  };
}
