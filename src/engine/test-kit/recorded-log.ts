import type { Log } from "../../observe/log.ts";

/** A log that keeps its messages, each with its level. */
export class RecordedLog implements Log {
  readonly lines: string[] = [];

  info(_fields: unknown, message: string): void {
    this.lines.push(`info: ${message}`);
  }

  warn(_fields: unknown, message: string): void {
    this.lines.push(`warn: ${message}`);
  }

  error(_fields: unknown, message: string): void {
    this.lines.push(`error: ${message}`);
  }
}
