import { type By, readBy } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { newId } from "../../core/id.ts";
import { Instrument } from "../../observe/instrument.ts";
import type { AuditEntry, AuditShelf } from "../../store/shelves/audit.ts";
import type { Call } from "../../store/shelves/tables/session.ts";

/** The actions, by the kind of thing they change. */
export type Action =
  | `tenant.${"create" | "update" | "delete" | "erase"}`
  | `endpoint.${"create" | "update" | "delete" | "pause" | "resume" | "enable" | "disable" | "verify" | "test"}`
  | `endpoint.secret.${"show" | "rotate"}`
  | `event_type.${"create" | "update" | "delete"}`
  | `schedule.${"create" | "update" | "pause" | "resume" | "run" | "remove"}`
  | `job.${"rerun" | "cancel" | "reveal" | "sign"}`
  | `event.${"reveal" | "redeliver" | "erase"}`
  | `attempt.${"erase"}`
  | `bulk.${"start" | "stop" | "resume" | "take_back" | "pace"}`
  | "failure.update"
  | `database.${"prune" | "backup"}`
  | `worker.${"drain" | "version"}`
  | "job.export"
  | `key.${"create" | "revoke"}`
  | `portal_session.${"create" | "end"}`;

/** By field: the value before and after. */
export type AuditChange = Readonly<Record<string, readonly [was: unknown, is: unknown]>>;

/** A change that somebody is about to make. */
export interface Act {
  readonly action: Action;
  /** The id or name of what is changed. */
  readonly target: string;
  /** The id of the tenant that it belongs to. */
  readonly tenant?: string | null;
  /** Without secrets. */
  readonly change?: AuditChange;
}

/** An entry that has to be written in the same transaction as the change it records. */
export interface AuditedAct {
  /** The row to write in that transaction: pass it as the last argument of a shelf's operation, or among the `rows` of a submission. */
  readonly row: Call<unknown>;
  /** To be called once the transaction has committed: writes the line in the log. */
  done(): void;
}

export interface AuditParts {
  readonly shelf: AuditShelf;
  readonly clock: Clock;
  readonly instrument?: Instrument;
}

/**
 * Records who changed what, in the transaction of the change, so that there is never one without the other.
 * @example
 * const act = audit.act(by, { action: "tenant.delete", target: id, tenant: id });
 * if (await store.tenants.remove(id, now, act.row)) act.done();
 */
export class Audit {
  readonly #shelf: AuditShelf;
  readonly #clock: Clock;
  readonly #instrument: Instrument;

  constructor({ shelf, clock, instrument = new Instrument() }: AuditParts) {
    this.#shelf = shelf;
    this.#clock = clock;
    this.#instrument = instrument;
  }

  /** @throws InvalidInputError for a `by` that is not one. */
  act(by: By | undefined, act: Act): AuditedAct {
    const entry = entryOf(by, act, this.#clock.now());
    return { row: this.#shelf.entry(entry), done: () => this.#instrument["operator.acted"].publish(entry) };
  }

  /** Records an action that changes nothing in the database, before it is carried out. */
  async note(by: By | undefined, act: Act): Promise<void> {
    const entry = entryOf(by, act, this.#clock.now());
    await this.#shelf.add(entry);
    this.#instrument["operator.acted"].publish(entry);
  }
}

function entryOf(by: By | undefined, act: Act, now: number): AuditEntry {
  const { actor, reason: note } = readBy(by);
  const { name, id = null, role = null, via = "library", ip = null, requestId = null } = actor;
  const { action, target, tenant = null, change = {} } = act;
  return {
    id: newId("adt", now),
    at: now,
    ...{ actor: name, actorId: id, role, via, ip },
    ...{ action, target, tenant, change: JSON.stringify(change), note, requestId },
  };
}
