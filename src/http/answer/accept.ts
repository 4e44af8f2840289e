import type { Context } from "hono";
import type { Accepted, Idempotency } from "../../engine/intake/intake.ts";
import type { Caller } from "../access/permission.ts";
import { fingerprint, idempotencyKey, keySchema } from "../request/idempotency-key.ts";
import { headerOf } from "../request/incoming.ts";
import { NO_PREFERENCES, type Preferences, preferencesOf } from "../request/prefer.ts";
import { traceParameter } from "../request/trace.ts";
import type { Answer, Parameter, Services } from "../route.ts";
import { empty, json, queued } from "./answer.ts";
import type { JobPlace } from "./job-place.ts";
import { WAITED } from "./waited.ts";

/** The header parameter of routes that create something. */
export const idempotencyParameter: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Makes this request safe to repeat: for 24 hours (unless the server is configured otherwise), the same key and body return the first answer. A string of 1 to 255 printable ASCII characters, in double quotes or bare. Keys belong to the caller and the route.",
  example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  schema: keySchema,
};

/** The parameters of routes that make a job. */
export const acceptParameters: readonly Parameter[] = [
  idempotencyParameter,
  {
    name: "Prefer",
    in: "header",
    description:
      "RFC 7240. wait=N: wait up to N seconds (at most 60) for the job to end, and answer 200 with it. return=minimal: leave the body out of the 202. respond-async is the default. Other preferences are ignored.",
    example: "wait=10",
  },
  traceParameter,
];

export const REPLAYED = "true when this repeats the first answer to this Idempotency-Key.";
const APPLIED = "The preferences that were applied.";

/** The answers of routes that make a job, which is then looked up at `place`. */
export function acceptAnswers({ accepted, job }: JobPlace): Readonly<Record<200 | 202, Answer>> {
  return {
    200: {
      description: "The job ended within the time of Prefer: wait.",
      schema: job,
      headers: {
        "Content-Location": "The path of the job.",
        "Preference-Applied": APPLIED,
        "Idempotent-Replayed": REPLAYED,
      },
    },
    202: {
      description: "The job is on disk, and will run. With Prefer: return=minimal there is no body.",
      schema: accepted,
      example: { job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b", status: "queued" },
      headers: {
        Location: "The path of the job.",
        "Preference-Applied": APPLIED,
        "Idempotent-Replayed": REPLAYED,
      },
    },
  };
}

/**
 * The request's idempotency key; undefined without the header.
 * @throws RequestError 400 for an invalid key.
 */
export function idempotencyOf(
  c: Context,
  caller: Caller,
  path: string,
  body: Uint8Array,
): Idempotency | undefined {
  const key = idempotencyKey(headerOf(c, "idempotency-key"));
  if (key === undefined) return undefined;
  return { scope: `${caller.id} POST ${path}`, key, fingerprint: fingerprint("POST", path, body) };
}

type Accepting = Pick<Services, "posthorn" | "waits">;

/** 202 with the job's address; or the job itself, when the caller prefers to wait and it ends in time. */
export function answerAccepted(
  c: Context,
  accepted: Accepted,
  place: JobPlace,
  services: Accepting,
): Response | Promise<Response> {
  const preferences = preferencesOf(headerOf(c, "prefer"));
  return preferences.waitSeconds > 0
    ? answerEnded(c, accepted, preferences, place, services)
    : answerQueued(accepted, preferences, place, services);
}

async function answerEnded(
  c: Context,
  accepted: Accepted,
  preferences: Preferences,
  place: JobPlace,
  services: Accepting,
): Promise<Response> {
  c.set(WAITED, true);
  const job = await services.waits.end(accepted.jobId, preferences.waitSeconds, c.req.raw.signal);
  if (!job) return answerQueued(accepted, preferences, place, services);
  // return=minimal is not applied here: a caller that waits for the job wants to see it.
  return json(200, place.view(job), {
    "content-location": `${place.path}/${job.id}`,
    ...extras(accepted, { ...preferences, minimal: false }),
  });
}

function answerQueued(
  accepted: Accepted,
  preferences: Preferences,
  { path }: JobPlace,
  { posthorn }: Accepting,
): Response | Promise<Response> {
  const { jobId, replayed, existing } = accepted;
  if (preferences === NO_PREFERENCES && !replayed && !existing) return queued(path, jobId);
  const headers = { location: `${path}/${jobId}`, ...extras(accepted, preferences) };
  if (preferences.minimal) return empty(202, headers);
  return existing ? answerExisting(jobId, posthorn.jobs, headers) : queued(path, jobId, headers);
}

/** The job existed before, so it may be running by now. If it cannot be looked up, that is no reason to refuse. */
async function answerExisting(
  jobId: string,
  jobs: Services["posthorn"]["jobs"],
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const status = await jobs.get(jobId).then(
    (job) => job.status,
    () => "queued",
  );
  return json(202, { job_id: jobId, status, existing: true }, headers);
}

/** The header that marks a repeated answer. */
export function replayedHeader(replayed: boolean): Readonly<Record<string, string>> {
  return replayed ? { "idempotent-replayed": "true" } : {};
}

function extras({ replayed }: Accepted, preferences: Preferences): Record<string, string> | undefined {
  const applied = appliedOf(preferences);
  if (!replayed && applied === "") return undefined;
  return {
    ...replayedHeader(replayed),
    ...(applied === "" ? {} : { "preference-applied": applied }),
  };
}

function appliedOf({ respondAsync, wait, waitSeconds, minimal }: Preferences): string {
  if (!respondAsync && !wait && !minimal) return "";
  const applied = [
    ...(respondAsync ? ["respond-async"] : []),
    ...(wait ? [`wait=${waitSeconds}`] : []),
    ...(minimal ? ["return=minimal"] : []),
  ];
  return applied.join(", ");
}
