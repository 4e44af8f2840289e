import { createHash } from "node:crypto";
import type { Job } from "../../core/job.ts";
import { taskJobView } from "../answer/job-view.ts";

/** One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface ServerSentEvent {
  /** Identifies the state that its receiver then knows. */
  readonly id: string;
  readonly event: "status" | "progress";
  readonly data: unknown;
}

/**
 * What is new about a job to a client that knows the state `knownId`; undefined when nothing is. An event's id is made from the job's
 * state and nothing else, so that any server can tell: one part for its progress, one for the rest.
 */
export function newEvent(job: Job, knownId: string | undefined): ServerSentEvent | undefined {
  const view = taskJobView(job);
  const { progress, ...rest } = view;
  const status = digest(rest);
  const id = `${status}.${digest(progress)}`;
  if (id === knownId) return undefined;
  if (knownId?.startsWith(`${status}.`) && progress) return { id, event: "progress", data: progress };
  return { id, event: "status", data: view };
}

/** As it goes over the wire. This JSON has no line breaks, so it is one line of data. */
export function eventText({ id, event, data }: ServerSentEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** 72 bits: two states of one job never have the same by chance. */
const DIGEST_CHARACTERS = 12;

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, DIGEST_CHARACTERS);
}
