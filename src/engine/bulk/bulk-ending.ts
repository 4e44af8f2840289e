import type { Instrument } from "../../observe/instrument.ts";
import type { BulkRun } from "../../store/shelves/bulk-runs.ts";
import type { Call } from "../../store/shelves/tables/session.ts";

/** The operational event to write in the transaction that ends a run. Undefined if there is nobody to send it to. */
export type Endings = (tenant: string | null) => Promise<((ended: BulkRun) => Call<unknown>) | undefined>;

/** Publishes that a run has ended, or has paused by itself. */
export function publishEnd(instrument: Instrument, { id, tenant, ...run }: BulkRun): void {
  const { action, state, matched, done } = run;
  instrument["bulk.ended"].publish({ bulkId: id, tenantId: tenant, action, state, matched, done });
}
