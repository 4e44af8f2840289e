import type { By } from "../../../core/actor.ts";
import { byOf } from "../../access/by.ts";
import { acceptAnswers } from "../../answer/accept.ts";
import { queued } from "../../answer/answer.ts";
import { type JobPlace, webhookJobs } from "../../answer/job-place.ts";
import type { Operation, Route, Services } from "../../route.ts";
import { jobIdParameter, namedJob } from "./job.ts";

/** `…/redeliver` of a webhook, `…/rerun` of any job. */
export function rerunRoute(services: Services, place: JobPlace): Route {
  return routeAt(services, place, place.again, (id, by) => services.posthorn.jobs.rerun(id, by), {
    id: place.operationIds.again,
    summary: summaryOf(place),
    description:
      "Re-queues a failed or cancelled job, due now, with its full number of attempts. A job that is queued for later, for example because a receiver asked for a long pause, becomes due now; its attempts continue to count.",
  });
}

/** The former name of the route above. */
export function retryRoute(services: Services, place: JobPlace): Route {
  return routeAt(services, place, "retry", (id, by) => services.posthorn.jobs.retry(id, by), {
    id: place.operationIds.retry,
    summary: `${summaryOf(place)} (old name)`,
    description: `Use ${place.again} instead. Accepts failed and cancelled jobs only.`,
    deprecated: true,
  });
}

function summaryOf({ again }: JobPlace): string {
  return again === "redeliver" ? "Redeliver a webhook" : "Run a job again";
}

type Told = Pick<Operation, "id" | "summary" | "deprecated" | "description">;

function routeAt(
  { posthorn, bodies }: Services,
  place: JobPlace,
  last: string,
  queue: (jobId: string, by: By) => Promise<void>,
  told: Told,
): Route {
  return {
    method: "POST",
    path: `${place.path}/{job_id}/${last}`,
    needs: "send",
    scope: "tenant",
    ...(place === webhookJobs && { portal: "retry" }),
    operation: {
      ...told,
      tag: place.tag,
      parameters: [jobIdParameter],
      answers: {
        202: {
          ...acceptAnswers(place)[202],
          description: "The job is queued, and due.",
          headers: { Location: "The path of the job." },
        },
      },
      problems: [400, 404, 409, 413, 415, 422, ...(place === webhookJobs ? [429] : [])],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const { id } = await namedJob(c, caller, place, posthorn);
      await queue(id, byOf(c, caller));
      return queued(place.path, id);
    },
  };
}
