import { readFileSync } from "node:fs";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import type { Io } from "./io.ts";

/** Where secrets stand in files of their own, an `Io` whose environment holds what they say. @throws ConfigurationError, see below. */
export function readSecretFiles(io: Io): Io {
  const env = withSecretFiles(io.env);
  if (env === io.env) return io;
  return {
    // opened only by a command that reads it
    get stdin() {
      return io.stdin;
    },
    ...{ stdout: io.stdout, stderr: io.stderr, env },
    stopSignal: () => io.stopSignal(),
  };
}

/**
 * The environment with the master key of the file that POSTHORN_MASTER_KEY_FILE names, as container engines and systemd hand secrets over:
 * a variable would be seen in more places.
 * @throws ConfigurationError when the file cannot be read, is empty, or the variable itself is set as well.
 */
export function withSecretFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = env.POSTHORN_MASTER_KEY_FILE;
  if (!file) return env;
  if (env.POSTHORN_MASTER_KEY)
    throw new ConfigurationError(
      "POSTHORN_MASTER_KEY and POSTHORN_MASTER_KEY_FILE are both set; leave out one of the two",
    );
  const key = read(file).trim();
  if (key === "") throw new ConfigurationError(`the file of POSTHORN_MASTER_KEY_FILE, ${file}, is empty`);
  return { ...env, POSTHORN_MASTER_KEY: key };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigurationError(
      `the file of POSTHORN_MASTER_KEY_FILE cannot be read (${messageOf(cause)}); fix that, or set POSTHORN_MASTER_KEY instead`,
      { cause },
    );
  }
}
