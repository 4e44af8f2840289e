/** Child processes that never outlive this one, whatever ends it. */
import { type ChildProcess, spawn } from "node:child_process";

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) kill(child, "SIGKILL");
});
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** The user who runs it; only root may choose. Default: the current user. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a command to its end and gives its standard output; fails with all it said when it fails or takes too long. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const running = start(command, args, options);
  const { code, signal } = await running.ended(options.timeoutMs);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}:\n${running.output()}`);
  }
  return running.stdout();
}

/** A started process and what it has said so far. */
export interface Started {
  stdout(): string;
  /** Standard output and standard error, as they came. */
  output(): string;
  /** Resolves with the first match in standard output; fails when the process ends or the time passes before that. */
  prints(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  ended(timeoutMs: number): Promise<Ending>;
  /** Signals the process alone, as an init system would. */
  signal(signal: NodeJS.Signals): void;
}

/** Exactly one of the two is set. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function start(
  command: string,
  args: readonly string[],
  { cwd, env, uid, gid }: Omit<RunOptions, "timeoutMs">,
): Started {
  // Its own process group, so that what it started in turn ends with it.
  const child = spawn(command, args, {
    ...{ cwd, env, uid, gid },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  living.add(child);
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const end = new Promise<Ending>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      living.delete(child);
      resolve({ code, signal });
    });
  });
  // Anyone who waits is told; that nobody happens to wait must not be a crash.
  end.catch(() => {});

  return {
    stdout: () => stdout,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    ended: (timeoutMs) =>
      within(timeoutMs, end, () => {
        kill(child, "SIGKILL");
        return `${command} did not end within ${timeoutMs} ms:\n${output}`;
      }),
    prints: (pattern, timeoutMs) => {
      const printed = new Promise<RegExpExecArray>((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout);
          if (match !== null) resolve(match);
        };
        look();
        child.stdout.on("data", look);
        end.then(
          ({ code, signal }) =>
            reject(
              new Error(`${command} ended with ${code ?? signal} before it printed ${pattern}:\n${output}`),
            ),
          reject,
        );
      });
      return within(timeoutMs, printed, () => `${command} did not print ${pattern} in time:\n${output}`);
    },
  };
}

/** Fails with the message when the time passes first. */
export async function within<T>(timeoutMs: number, promise: Promise<T>, message: () => string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(message())), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}
