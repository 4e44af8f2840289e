import { taskJobs } from "../../answer/job-place.ts";
import { newEvent } from "../../live/event-stream.ts";
import { hasEnded } from "../../live/waits.ts";
import { headerOf } from "../../request/incoming.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { jobIdParameter, namedJob } from "./job.ts";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no", // nginx would otherwise buffer events
};

const lastEventId: Parameter = {
  name: "Last-Event-ID",
  in: "header",
  description: "The id of the last event received: only what is new since then is sent.",
};

export function jobEventsRoute({ posthorn, events }: Services): Route {
  return {
    method: "GET",
    path: `${taskJobs.path}/{job_id}/events`,
    needs: "read",
    scope: "tenant",
    operation: {
      id: "watchJob",
      tag: "Jobs",
      summary: "Watch a job until it ends",
      description:
        "Server-sent events, as a browser's EventSource reads them. A `status` event holds the whole job; it comes first, and again whenever anything but the progress has changed. A `progress` event holds `{fraction, note}`. The stream ends with the job. If changes come faster than the client reads, intermediate ones are skipped: an event shows the current state.",
      parameters: [jobIdParameter, lastEventId],
      answers: {
        200: {
          description: "The events. A comment every 15 seconds keeps the connection alive.",
          type: "text/event-stream",
          example:
            'id: 5kQx0yZ3bT1c.n0Yp2wQe8LrA\nevent: progress\ndata: {"fraction":0.5,"note":"half of it"}\n\n',
        },
        204: {
          description:
            "The job has ended, and the client has its last state. An EventSource does not reconnect.",
          type: null,
        },
      },
      problems: [404],
    },
    async handle(c, caller) {
      const job = await namedJob(c, caller, taskJobs, posthorn);
      const knownId = headerOf(c, "last-event-id") ?? undefined;
      if (hasEnded(job) && !newEvent(job, knownId)) return new Response(null, { status: 204 });
      // Hono drops the body of an answer to HEAD unread, and would leave a stream that nobody closes
      if (c.req.raw.method === "HEAD") return new Response(null, { headers: HEADERS });
      return new Response(events.open({ jobId: job.id, knownId, caller }), { headers: HEADERS });
    },
  };
}
