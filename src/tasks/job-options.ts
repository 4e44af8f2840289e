import type { RetryPolicy } from "../core/retry-policy.ts";

/** The options that one job sets differently from its task. */
export interface JobOptions {
  readonly timeoutMs?: number;
  readonly retry?: RetryPolicy;
}

export function stringifyJobOptions(options: JobOptions): string {
  return JSON.stringify(options);
}

const NONE: JobOptions = {};

/** @param text as `stringifyJobOptions` made it. */
export function parseJobOptions(text: string): JobOptions {
  return text === "{}" ? NONE : (JSON.parse(text) as JobOptions); // only stringifyJobOptions writes them
}
