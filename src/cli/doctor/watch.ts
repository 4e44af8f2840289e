import { setTimeout as sleep } from "node:timers/promises";
import { type Finding, sentence } from "../../engine/doctor/finding.ts";
import { changesOf } from "../../engine/doctor/finding-changes.ts";
import { type Io, printJson } from "../terminal/io.ts";
import { printableLine } from "../terminal/printable.ts";
import { shownTime } from "../terminal/table.ts";
import { type DoctorOptions, examine } from "./examine.ts";

/** Checks repeatedly until it is asked to stop, and reports what appears and disappears. */
export async function watch(
  first: readonly Finding[],
  everyMs: number,
  options: DoctorOptions,
  io: Io,
): Promise<void> {
  const stop = io.stopSignal();
  let { known } = changesOf([], first);
  for (;;) {
    await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) return;
    const {
      appeared,
      gone,
      known: now,
    } = changesOf(known, await examine(options, io.env.POSTHORN_MASTER_KEY));
    known = now;
    const at = Date.now();
    const wells = gone.map(
      (finding) => ({ ...finding, level: "ok", detail: "is resolved", todo: null }) as const,
    );
    for (const finding of [...appeared, ...wells]) {
      if (options.json) printJson(io.stdout, { at: new Date(at).toISOString(), ...finding });
      else {
        const { level, title } = finding;
        io.stdout.write(
          `${shownTime(at)}  ${level.padEnd(4)}  ${title}: ${printableLine(sentence(finding))}\n`,
        );
      }
    }
  }
}
