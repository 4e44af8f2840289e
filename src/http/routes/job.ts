import { json } from "../answer.ts";
import { jobView, pollHint } from "../job-view.ts";
import type { Parameter, Route, Services } from "../route.ts";
import { jobAnswer } from "../schemas/job.ts";

export const jobIdParameter: Parameter = {
  name: "job_id",
  in: "path",
  description: "The job's id, as the answer that accepted it gave it.",
  example: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

export const exampleJob = {
  job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b",
  task: "webhook.deliver",
  status: "succeeded",
  attempts: 1,
  max_attempts: 10,
  target_url: "https://example.com/hooks",
  created_at: "2026-01-31T09:00:00.000Z",
  started_at: "2026-01-31T09:00:00.002Z",
  finished_at: "2026-01-31T09:00:00.041Z",
  run_at: null,
  result: { delivered_to: "https://example.com/hooks", http_status: 200, duration_ms: 38 },
  error: null,
};

export function jobRoute({ posthorn, clock }: Services): Route {
  return {
    method: "GET",
    path: "/webhooks/jobs/{job_id}",
    needs: "read",
    operation: {
      id: "getJob",
      tag: "Jobs",
      summary: "Look a job up",
      parameters: [jobIdParameter],
      answers: {
        200: {
          description: "The job.",
          schema: jobAnswer,
          example: exampleJob,
          headers: {
            "Retry-After": "While the job is live: seconds after which looking again may show more.",
          },
        },
      },
      problems: [404],
    },
    async handle(c) {
      const job = await posthorn.jobs.get(c.req.param("job_id") ?? "");
      return json(200, jobView(job), pollHint(job, clock.now()));
    },
  };
}
