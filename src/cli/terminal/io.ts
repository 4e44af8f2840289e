import { EventEmitter, once } from "node:events";
import { printableJson } from "../../core/printable.ts";

/** What a command reads from and writes to, so that it can run without being a process. */
export interface Io {
  readonly stdin: AsyncIterable<string | Buffer>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Aborted when the command is asked to stop. The first call takes over SIGINT and SIGTERM; a command that never calls
   * it dies of them like any program.
   */
  stopSignal(): AbortSignal;
}

export interface Output {
  write(text: string | Uint8Array): unknown;
  /** Whether output goes to a terminal. */
  readonly isTTY?: boolean;
  /** The width of the terminal, in characters. */
  readonly columns?: number;
}

/** The options of every command. */
export interface GlobalOptions {
  /** Machine-readable output. */
  readonly json: boolean;
  /** Path of the SQLite file, or `postgres://…`. */
  readonly database: string;
}

export function printJson(output: Output, value: unknown): void {
  output.write(`${printableJson(JSON.stringify(value))}\n`);
}

/** Waits for the reader, so that what is piped into something slow is not held in memory. */
export async function written(output: Output, text: string | Uint8Array): Promise<void> {
  if (output.write(text) === false && output instanceof EventEmitter) await once(output, "drain");
}

/** Resolves when the signal is aborted, at once when it is already. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
