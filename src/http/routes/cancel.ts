import { json } from "../answer.ts";
import { jobView } from "../job-view.ts";
import type { Route, Services } from "../route.ts";
import { jobAnswer } from "../schemas/job.ts";
import { exampleJob, jobIdParameter } from "./job.ts";

export function cancelRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/webhooks/jobs/{job_id}/cancel",
    needs: "send",
    operation: {
      id: "cancelJob",
      tag: "Jobs",
      summary: "Cancel a job",
      description:
        "Ends a queued or running job. A request that is on the wire already may still reach the receiver.",
      parameters: [jobIdParameter],
      answers: {
        200: {
          description: "The cancelled job.",
          schema: jobAnswer,
          example: { ...exampleJob, status: "cancelled", result: null },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c) {
      await bodies.readNothing(c);
      const id = c.req.param("job_id") ?? "";
      await posthorn.jobs.cancel(id);
      return json(200, jobView(await posthorn.jobs.get(id)));
    },
  };
}
