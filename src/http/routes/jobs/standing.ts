import { json } from "../../answer/answer.ts";
import { taskJobs } from "../../answer/job-place.ts";
import { standingView } from "../../answer/standing-view.ts";
import type { Route, Services } from "../../route.ts";
import { type StandingAnswer, standingAnswer } from "../../schemas/task-job.ts";
import { jobIdParameter, namedJob } from "./job.ts";

const example: StandingAnswer = {
  worker_id: null,
  leased_at: null,
  times_out_at: null,
  lane_running: 32,
  lane_concurrency: 32,
  lane_rate: null,
  before: 1_000,
  next_place_at: null,
};

/** Why a live job is where it is, apart from what the job itself says. */
export function standingRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/jobs/{job_id}/standing",
    needs: "read",
    scope: "server",
    operation: {
      id: "getTaskJobStanding",
      tag: "Jobs",
      summary: "Get where a live job stands",
      description:
        "How many jobs are ahead of it in its lane, which limits hold the lane up, and which worker runs it. Limits and times are only known to a server that handles the job's task.",
      parameters: [jobIdParameter],
      answers: { 200: { description: "Where it stands.", schema: standingAnswer, example } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const job = await namedJob(c, caller, taskJobs, posthorn);
      return json(200, standingView(await posthorn.jobs.standing(job)));
    },
  };
}
