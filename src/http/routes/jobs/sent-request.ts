import { byOf } from "../../access/by.ts";
import { json } from "../../answer/answer.ts";
import { taskJobs } from "../../answer/job-place.ts";
import { payloadsShown } from "../../redaction/payloads-shown.ts";
import type { Route, Services } from "../../route.ts";
import { type SentRequestAnswer, sentRequestAnswer } from "../../schemas/sent-request.ts";
import { jobIdParameter, namedJob } from "./job.ts";

const example: SentRequestAnswer = {
  method: "POST",
  url: "https://example.com/hooks",
  headers: [
    { name: "content-type", value: "application/json" },
    { name: "webhook-id", value: "job_01k9zq3v7n8r2m4w6x8y0z1a3b" },
    { name: "webhook-timestamp", value: "1769850000" },
    { name: "webhook-signature", value: null },
  ],
  bytes: 42,
};

/** The request of a delivery, without its signature. */
export function sentRequestRoute(services: Services): Route {
  return {
    ...requestRoute(services, false),
    method: "GET",
    needs: "read",
    portal: "view",
    operation: {
      ...operation(),
      id: "getTaskJobRequest",
      summary: "Get a delivery's request",
      description:
        "The headers and the size of the request that delivers the job, rebuilt as it would be sent now, without its signature.",
    },
  };
}

/** The same, signed, so that it can be sent by hand. */
export function signRequestRoute(services: Services): Route {
  return {
    ...requestRoute(services, true),
    method: "POST",
    needs: "send",
    operation: {
      ...operation(),
      id: "signTaskJobRequest",
      summary: "Sign a delivery's request",
      description:
        "The same request, with its signature, which receivers accept for about five minutes. Nothing is sent.",
      problems: [400, 404, 409, 413, 415, 422],
    },
  };
}

function operation() {
  return {
    tag: "Jobs" as const,
    parameters: [jobIdParameter],
    answers: { 200: { description: "The request.", schema: sentRequestAnswer, example } },
    problems: [404, 409, 422],
  };
}

function requestRoute(
  { posthorn, bodies, requests }: Services,
  isSigned: boolean,
): Pick<Route, "path" | "scope" | "handle"> {
  return {
    path: "/jobs/{job_id}/request",
    scope: "tenant",
    async handle(c, caller) {
      if (isSigned) await bodies.readNothing(c);
      const job = await namedJob(c, caller, taskJobs, posthorn);
      const request = await (isSigned ? requests().signed(job, byOf(c, caller)) : requests().of(job));
      const isHidden = payloadsShown(c, caller) === "none";
      return json(200, { ...request, bytes: isHidden ? null : request.bytes } satisfies SentRequestAnswer);
    },
  };
}
