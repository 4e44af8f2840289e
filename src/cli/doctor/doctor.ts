import { MINUTE_MS } from "../../core/duration.ts";
import { PosthornError } from "../../core/errors.ts";
import { counted, type Finding, sentence } from "../../engine/doctor/finding.ts";
import { shownDatabase } from "../database.ts";
import { type Io, type Output, printJson } from "../terminal/io.ts";
import { printableLine } from "../terminal/printable.ts";
import { type DoctorOptions, examine } from "./examine.ts";
import { watch } from "./watch.ts";

/** Something is wrong with the database or with the processes that work on it; each finding says what, and what to do. */
class UnwellError extends PosthornError {
  readonly code = "unwell";

  constructor(bad: number) {
    super(`${counted(bad, "check")} found something wrong`);
  }
}

/**
 * Reports the state of the database and of the processes that work on it: once, or until it is asked to stop.
 * @throws UnwellError when something is bad, after reporting it; not while it watches.
 */
export async function doctor(options: DoctorOptions, io: Io): Promise<void> {
  const findings = await examine(options, io.env.POSTHORN_MASTER_KEY);
  const database = shownDatabase(options.database);
  const bad = findings.filter(({ level }) => level === "bad").length;
  if (options.json) printJson(io.stdout, { database, healthy: bad === 0, findings });
  else print(io.stdout, findings);
  if (options.watch !== undefined)
    await watch(findings, options.watch === true ? MINUTE_MS : options.watch, options, io);
  else if (bad > 0) throw new UnwellError(bad);
}

/** One line each, however long: a truncated sentence is of no help. */
function print(output: Output, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ title }) => title.length));
  for (const finding of findings)
    output.write(
      `${finding.level.padEnd(4)}  ${finding.title.padEnd(width)}  ${printableLine(sentence(finding))}\n`,
    );
}
