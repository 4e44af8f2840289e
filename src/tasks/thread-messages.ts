import type { MessagePort } from "node:worker_threads";
import { Discard, RetryAt, Snooze } from "./outcomes.ts";
import type { TaskJob } from "./task-definition.ts";

/** What a thread is asked to run. */
export interface Wanted {
  readonly module: string;
  readonly input: unknown;
  readonly attempt: number;
  readonly job: TaskJob | undefined;
  readonly port: MessagePort;
}

export type FromThread =
  | { readonly kind: "progress"; readonly fraction: number; readonly note: string | undefined }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn" | "error";
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    };

export interface ToThread {
  readonly kind: "abort";
  readonly reason: string;
}

/** What a handler returned, in a form that keeps what it is between threads: a clone has no class. */
type Cloned =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "retryAt"; readonly when: Date | number | string; readonly reason: string }
  | { readonly kind: "discard"; readonly reason: string }
  | { readonly kind: "snooze"; readonly duration: number | string };

export function toClone(returned: unknown): Cloned {
  if (returned instanceof RetryAt) return { kind: "retryAt", when: returned.when, reason: returned.reason };
  if (returned instanceof Discard) return { kind: "discard", reason: returned.reason };
  if (returned instanceof Snooze) return { kind: "snooze", duration: returned.duration };
  return { kind: "result", result: returned };
}

/** @param cloned as `toClone` made it. */
export function fromClone(cloned: Cloned): unknown {
  switch (cloned.kind) {
    case "retryAt":
      return new RetryAt(cloned.when, cloned.reason);
    case "discard":
      return new Discard(cloned.reason);
    case "snooze":
      return new Snooze(cloned.duration);
    case "result":
      return cloned.result;
  }
}
