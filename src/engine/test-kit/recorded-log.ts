import { Instrument } from "../../observe/instrument.ts";
import type { Log, LogFields } from "../../observe/log.ts";
import { writeLogLines } from "../../observe/log-lines.ts";

/** A log that keeps its messages, each with its level, and their fields. */
export class RecordedLog implements Log {
  /** What is observed with it is written to this log. */
  readonly instrument = new Instrument();
  readonly lines: string[] = [];
  readonly fields: LogFields[] = [];

  constructor() {
    writeLogLines(this.instrument, this);
  }

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
