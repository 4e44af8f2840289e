import type { Log, LogFields } from "../../observe/log.ts";

/** A log that keeps its messages, each with its level, and their fields. */
export class RecordedLog implements Log {
  readonly lines: string[] = [];
  readonly fields: LogFields[] = [];

  info(fields: LogFields, message: string): void {
    this.fields.push(fields);
    this.lines.push(`info: ${message}`);
  }

  warn(fields: LogFields, message: string): void {
    this.fields.push(fields);
    this.lines.push(`warn: ${message}`);
  }

  error(fields: LogFields, message: string): void {
    this.fields.push(fields);
    this.lines.push(`error: ${message}`);
  }
}
