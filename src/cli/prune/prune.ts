import { BY_COMMAND_LINE } from "../../core/actor.ts";
import { Audit } from "../../engine/audit/audit.ts";
import { Pruner } from "../../engine/retention/pruner.ts";
import { retentionPeriods } from "../../engine/retention/retention-periods.ts";
import { prunedView } from "../../http/answer/findings-view.ts";
import { Instrument } from "../../observe/instrument.ts";
import { retainedSizes } from "../../open-store.ts";
import { withExistingStore } from "../database.ts";
import { type RetentionSettings, retentionOf } from "../serve/retention-settings.ts";
import { type GlobalOptions, type Io, printJson } from "../terminal/io.ts";
import { printTable } from "../terminal/table.ts";

export type PruneOptions = GlobalOptions & RetentionSettings;

/** Deletes what is past its retention, and says how much that was. */
export async function prune(options: PruneOptions, io: Io): Promise<void> {
  const { database } = options;
  const retention = retentionOf(options);
  const rules = { ...retentionPeriods(retention), ...retainedSizes(database, retention) };
  const signal = io.stopSignal();
  const { pruned, complete } = await withExistingStore(database, async (store) => {
    const { clock } = store;
    const audit = new Audit({ shelf: store.audit, clock });
    await audit.note({ actor: BY_COMMAND_LINE }, { action: "database.prune", target: "database" });
    const pruner = new Pruner(store, clock, new Instrument(), rules);
    const stop = () => void pruner.stop();
    signal.addEventListener("abort", stop);
    const result = prunedView(await pruner.now());
    signal.removeEventListener("abort", stop);
    return result;
  });
  if (options.json) printJson(io.stdout, { pruned, complete });
  else if (Object.keys(pruned).length === 0) io.stdout.write("Nothing is past its retention.\n");
  else
    printTable(
      io.stdout,
      ["WHAT", "DELETED"],
      Object.entries(pruned).map(([what, count]) => [what.replaceAll("_", " "), String(count)]),
    );
  if (!complete && !options.json) io.stderr.write("Stopped before everything was deleted.\n");
}
