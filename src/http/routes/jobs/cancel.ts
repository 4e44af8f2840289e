import { byOf } from "../../access/by.ts";
import { json } from "../../answer/answer.ts";
import type { JobPlace } from "../../answer/job-place.ts";
import type { Route, Services } from "../../route.ts";
import { jobIdParameter, namedJob } from "./job.ts";

export function cancelRoute({ posthorn, bodies }: Services, place: JobPlace): Route {
  return {
    method: "POST",
    path: `${place.path}/{job_id}/cancel`,
    needs: "send",
    scope: "tenant",
    operation: {
      id: place.operationIds.cancel,
      tag: place.tag,
      summary: "Cancel a job",
      description:
        "Ends a queued or running job. The signal of a running handler is aborted; what it has already done stays done, and a request on the wire may still reach its receiver.",
      parameters: [jobIdParameter],
      answers: {
        200: {
          description: "The cancelled job.",
          schema: place.job,
          example: { ...place.example, status: "cancelled", result: null },
        },
      },
      problems: [400, 404, 409, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const { id } = await namedJob(c, caller, place, posthorn);
      await posthorn.jobs.cancel(id, byOf(c, caller));
      return json(200, place.view(await posthorn.jobs.get(id)));
    },
  };
}
