import assert from "node:assert/strict";
import { z } from "zod";
import type { JobStatus } from "../../src/core/job.ts";
import {
  type AttemptAnswer,
  acceptedAnswer,
  attemptPage,
  type JobAnswer,
  jobAnswer,
  jobPage,
} from "../../src/http/schemas/job.ts";
import { until } from "./until.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Headers = Response["headers"];

/** A client of the API, as its users are: it knows the URL and nothing else. Keeps all that it was ever answered. */
export class Api {
  readonly url: string;
  readonly answers: string[] = [];

  constructor(url: string) {
    this.url = url;
  }

  async ask(
    method: "GET" | "POST" | "PUT" | "PATCH",
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    };
    this.answers.push(`${JSON.stringify([...answer.headers])}\n${answer.text}`);
    return answer;
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.ask("POST", path, body, headers);
  }

  /** Asks for a delivery. A string is sent unchanged, as the body. */
  submit(body: string | DeliverBody, headers?: Record<string, string>): Promise<Answer> {
    return this.post("/webhooks/deliver", body, headers);
  }

  /** The id of a delivery that was accepted. */
  async deliver(body: string | DeliverBody, headers?: Record<string, string>): Promise<string> {
    return acceptedId(await this.submit(body, headers));
  }

  async job(id: string): Promise<JobAnswer> {
    const answer = await this.ask("GET", `/webhooks/jobs/${id}`);
    assert.equal(answer.status, 200, answer.text);
    return jobAnswer.parse(JSON.parse(answer.text));
  }

  /** Newest first. */
  async attempts(id: string): Promise<AttemptAnswer[]> {
    const answer = await this.ask("GET", `/webhooks/jobs/${id}/attempts`);
    assert.equal(answer.status, 200, answer.text);
    return attemptPage.parse(JSON.parse(answer.text)).data;
  }

  /** All jobs with this status, page by page. */
  async jobsThatAre(status: JobStatus): Promise<JobAnswer[]> {
    const jobs: JobAnswer[] = [];
    for (let cursor = ""; ; ) {
      const answer = await this.ask("GET", `/webhooks/jobs?limit=200&status=${status}${cursor}`);
      assert.equal(answer.status, 200, answer.text);
      const page = jobPage.parse(JSON.parse(answer.text));
      jobs.push(...page.data);
      if (page.next_cursor === null) return jobs;
      cursor = `&cursor=${page.next_cursor}`;
    }
  }

  /** The job, once it has this status. */
  becomes(id: string, status: JobStatus): Promise<JobAnswer> {
    return this.jobWhen(id, `it is ${status}`, (job) => job.status === status);
  }

  /** The job, once it is queued for a further attempt. */
  isRetried(id: string, attempts = 1): Promise<JobAnswer> {
    return this.jobWhen(
      id,
      "it waits for a further attempt",
      (job) => job.status === "queued" && job.attempts === attempts,
    );
  }

  async jobWhen(id: string, what: string, fits: (job: JobAnswer) => boolean): Promise<JobAnswer> {
    let last: JobAnswer | undefined;
    try {
      return await until(`${what} (${id})`, async () => {
        last = await this.job(id);
        return fits(last) && last;
      });
    } catch (cause) {
      throw new Error(`the job stayed ${JSON.stringify(last)}`, { cause });
    }
  }
}

export type DeliverBody = Readonly<Record<string, unknown>> & { readonly target_url: string };

export function acceptedId(answer: Answer): string {
  assert.equal(answer.status, 202, answer.text);
  return acceptedAnswer.parse(JSON.parse(answer.text)).job_id;
}

const problem = z.object({
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** The problem (RFC 9457) that an answer tells of, once it has this status. */
export function problemOf(answer: Answer, status: number): z.infer<typeof problem> {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  return problem.parse(JSON.parse(answer.text));
}
