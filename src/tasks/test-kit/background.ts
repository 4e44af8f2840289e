import { ManualClock } from "../../core/clock.ts";
import type { LogFields } from "../../observe/log.ts";
import { BackgroundRunner, type BackgroundRunnerOptions } from "../background/background-runner.ts";
import { BackgroundTasks } from "../background/background-tasks.ts";

/** A runner on a manual clock, what it logged and what was reported to it. */
export function testRunner(options: BackgroundRunnerOptions = {}) {
  const clock = new ManualClock();
  const logged: { fields: LogFields; message: string }[] = [];
  const line = (fields: LogFields, message: string) => void logged.push({ fields, message });
  const failures: { task: string; error: unknown }[] = [];
  const runner = new BackgroundRunner({
    clock,
    log: { info: line, warn: line, error: line },
    onError: (error, task) => failures.push({ task, error }),
    ...options,
  });
  /** Adds for one request, whose response is over then. */
  const request = (add: (background: BackgroundTasks) => void): BackgroundTasks => {
    const background = new BackgroundTasks(runner);
    add(background);
    background.release();
    return background;
  };
  return { clock, logged, failures, runner, request };
}
