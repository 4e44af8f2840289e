import { acceptAnswers } from "../accept.ts";
import { queued } from "../answer.ts";
import type { Route, Services } from "../route.ts";
import { jobIdParameter } from "./job.ts";

export function retryRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/webhooks/jobs/{job_id}/retry",
    needs: "send",
    operation: {
      id: "retryJob",
      tag: "Jobs",
      summary: "Retry a job",
      description: "Queues a failed or cancelled job again, due now, with all its attempts before it.",
      parameters: [jobIdParameter],
      answers: {
        202: {
          ...acceptAnswers[202],
          description: "The job is queued again.",
          headers: { Location: "The job." },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c) {
      await bodies.readNothing(c);
      const id = c.req.param("job_id") ?? "";
      await posthorn.jobs.retry(id);
      return queued(id);
    },
  };
}
