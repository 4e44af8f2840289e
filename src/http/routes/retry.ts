import { acceptAnswers } from "../answer/accept.ts";
import { queued } from "../answer/answer.ts";
import type { JobPlace } from "../answer/job-place.ts";
import type { Route, Services } from "../route.ts";
import { jobIdParameter, namedJob } from "./job.ts";

export function retryRoute({ posthorn, bodies }: Services, place: JobPlace): Route {
  return {
    method: "POST",
    path: `${place.path}/{job_id}/retry`,
    needs: "send",
    operation: {
      id: place.operationIds.retry,
      tag: place.tag,
      summary: "Retry a job",
      description: "Queues a failed or cancelled job again, due now, with all its attempts before it.",
      parameters: [jobIdParameter],
      answers: {
        202: {
          ...acceptAnswers(place)[202],
          description: "The job is queued again.",
          headers: { Location: "The job." },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c) {
      await bodies.readNothing(c);
      const { id } = await namedJob(c, place, posthorn);
      await posthorn.jobs.retry(id);
      return queued(place.path, id);
    },
  };
}
