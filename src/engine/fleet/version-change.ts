import { BY_ITSELF } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import type { AuditShelf } from "../../store/shelves/audit.ts";
import { Audit } from "../audit/audit.ts";

/**
 * Records in the audit that workers have another version than the last one recorded, because a worker that is gone leaves nothing else that
 * says when its version came into use. Several that start at once may each record it.
 */
export async function recordVersion(shelf: AuditShelf, clock: Clock, is: string): Promise<void> {
  const { rows } = await shelf.list({ target: "workers", order: "descending", limit: 1 });
  const { version: [, was] = [null, null] } = JSON.parse(rows[0]?.change ?? "{}") as Change;
  if (is === was) return;
  const audit = new Audit({ shelf, clock }); // without a line in the log: a process says its version in its first one
  const change = { version: [was, is] } as const;
  await audit.note({ actor: BY_ITSELF }, { action: "worker.version", target: "workers", change });
}

/** As it is written above. */
interface Change {
  readonly version?: readonly [was: string | null, is: string];
}
