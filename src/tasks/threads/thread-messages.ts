import type { Outcome } from "../../core/outcome.ts";
import type { LineLevel } from "../../observe/log.ts";
import type { TaskJob } from "../task-definition.ts";

/** What a thread is told. */
export type ToThread = ThreadRun | { readonly kind: "abort"; readonly reason: string };

/** One attempt. A thread gets the next one when it has reported the outcome of the last. */
export interface ThreadRun {
  readonly kind: "run";
  /** The URL of a module whose default export is the handler. */
  readonly module: string;
  readonly input: unknown;
  readonly attempt: number;
  readonly job: TaskJob | undefined;
}

/** What a thread tells. */
export type FromThread =
  | { readonly kind: "progress"; readonly fraction: number; readonly note: string | undefined }
  | {
      readonly kind: "log";
      readonly level: LineLevel;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly message: string;
    }
  /** @property isSpent the thread has to be terminated, because of an uncaught error in it. */
  | { readonly kind: "ended"; readonly outcome: Outcome; readonly isSpent: boolean }
  | ({ readonly kind: "left behind" } & LeftBehind)
  /** It is about to exit, for what the handler that runs did, or one before it. */
  | { readonly kind: "exits"; readonly isOwn: boolean; readonly job: TaskJob | undefined };

/** An uncaught error of a handler that had ended. */
export interface LeftBehind {
  readonly error: Error;
  /** Whose it was, where that is known. */
  readonly job: TaskJob | undefined;
}
