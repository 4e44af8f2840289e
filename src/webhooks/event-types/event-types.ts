import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError, OverloadedError } from "../../core/errors.ts";
import { eventTypeOf } from "../../core/names.ts";
import { collectProblems, refuseOther, wrong } from "../../core/options.ts";
import type { Audit, AuditedAct } from "../../engine/audit/audit.ts";
import { changedFields } from "../../engine/audit/changed-fields.ts";
import type { Idempotency, Intake } from "../../engine/intake/intake.ts";
import { type Listed, type ListOptions, listed, pageOf } from "../../engine/lists.ts";
import type { EventType } from "../../store/shelves/event-types.ts";
import type { Store } from "../../store/store.ts";
import type { Registry } from "../registry/registry.ts";
import {
  BLANK_EVENT_TYPE,
  type EventTypeFields,
  type EventTypeOptions,
  type RegisteredEventType,
  readEventType,
  shownEventType,
} from "./event-type-options.ts";
import type { EventTypeSchemas } from "./schema.ts";

export interface EventTypeParts {
  readonly store: Pick<Store, "eventTypes" | "registry">;
  readonly intake: Pick<Intake, "submit">;
  readonly registry: Pick<Registry, "forget">;
  readonly schemas: EventTypeSchemas;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface NewEventTypeOptions extends EventTypeOptions {
  /** `invoice.paid`: 1 to 256 letters, digits, `-`, `_` and `.`. */
  readonly name: string;
}

/** An event type that was just made. */
export interface CreatedEventType {
  readonly eventType: RegisteredEventType;
  /** True if an earlier call with the same idempotency key created it; this call created nothing. */
  readonly replayed: boolean;
}

/** How often a change is tried while others keep changing the same row. */
const MOST_TRIES = 10;
/** The list goes by their names. */
const CURSOR = /^[\w.-]{1,256}$/;

/** What the audit tells of. */
const TOLD = ["description", "enforce", "isArchived", "isDeprecated", "groupName"] as const;
const TOLD_OF_JSON = ["schemas", "featureFlags"] as const;

/**
 * The registered event types. Events may also have types that are not registered.
 * @throws InvalidInputError from every method, naming what is wrong; StoreUnavailableError when the database does not answer.
 * @throws NotFoundError from every method that names an event type, when it does not exist.
 */
export class EventTypes {
  readonly #parts: EventTypeParts;

  constructor(parts: EventTypeParts) {
    this.#parts = parts;
  }

  /**
   * Registers an event type.
   * @throws ConflictError `name_taken` when there is one of this name, archived or not.
   * @example
   * await posthorn.webhooks.eventTypes.create({ name: "invoice.paid", schemas: { 1: schema }, enforce: "refuse" });
   */
  async create(options: NewEventTypeOptions, by?: By): Promise<RegisteredEventType> {
    return (await this.createOnce(options, undefined, by)).eventType;
  }

  /** Like `create`. @param idempotency repeated calls with the same key create one event type. */
  createOnce(options: NewEventTypeOptions, idempotency?: Idempotency, by?: By): Promise<CreatedEventType> {
    return this.#create(options, undefined, idempotency, by);
  }

  /**
   * Like `createOnce`, but an archived event type of this name is brought back, with the options given, and defaults for those left out.
   */
  async createOrRevive(
    options: NewEventTypeOptions,
    idempotency?: Idempotency,
    by?: By,
  ): Promise<CreatedEventType> {
    refuseOther(options, ["options"], "must be an object with name");
    const name = eventTypeOf(options.name, ["name"]);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.#parts.store.eventTypes.get(name);
      const archived = before?.isArchived ? before : undefined;
      try {
        return await this.#create(options, archived, idempotency, by);
      } catch (error) {
        if (!(error instanceof ConflictError) || (before && !archived)) throw error;
      }
    }
    throw changesTooFast(name);
  }

  /** @param archived the one to bring back. */
  async #create(
    options: NewEventTypeOptions,
    archived: EventType | undefined,
    idempotency: Idempotency | undefined,
    by: By | undefined,
  ): Promise<CreatedEventType> {
    const { store, intake, registry } = this.#parts;
    const fields = await readEventType(options, BLANK_EVENT_TYPE, this.#parts.schemas, ["name"]);
    const type = this.#new(eventTypeOf(options.name, ["name"]), fields);
    const { guard, rows } = archived
      ? store.eventTypes.changing(type, archived.updatedAt)
      : store.eventTypes.creating(type);
    const act = this.#act(archived ? "update" : "create", archived ?? BLANK_EVENT_TYPE, type, by);
    const { refused, replayed } = await intake.submit({
      ...{ jobs: [], guard, rows: [...rows, act.row], makes: type.name, idempotency },
    });
    registry.forget(store.registry.typesScope);
    if (refused)
      throw new ConflictError("name_taken", `the event type ${JSON.stringify(type.name)} already exists`);
    if (!replayed) act.done();
    const made = replayed || archived ? await store.eventTypes.get(type.name) : type;
    return { eventType: shownEventType(made ?? type), replayed }; // it may be gone since
  }

  /** Looks up an event type. */
  async get(name: string): Promise<RegisteredEventType> {
    return shownEventType(await this.#find(name));
  }

  /** Sorted by name. Archived ones are only listed with `withArchived`. */
  async list(
    options: ListOptions & { readonly withArchived?: boolean } = {},
  ): Promise<Listed<RegisteredEventType>> {
    const page = pageOf(options, (text) => CURSOR.test(text), "ascending", ["withArchived"]);
    const { withArchived = false } = options;
    if (typeof withArchived !== "boolean") throw wrong(["withArchived"], "must be true or false");
    const slice = await this.#parts.store.eventTypes.list({ ...page, withArchived });
    return listed(slice, page, ({ name }) => name, shownEventType);
  }

  /** Replaces an event type, and resets options left out to their defaults. If there is none of this name, creates it. */
  async put(
    name: string,
    options: EventTypeOptions,
    by?: By,
  ): Promise<{ readonly eventType: RegisteredEventType; readonly isNew: boolean }> {
    const { store, registry, schemas } = this.#parts;
    const fields = await readEventType(options, BLANK_EVENT_TYPE, schemas);
    const wanted = this.#new(eventTypeOf(name, ["name"]), fields);
    const before = await store.eventTypes.get(wanted.name);
    const created = this.#act("create", BLANK_EVENT_TYPE, wanted, by);
    const replaced = this.#act("update", before ?? BLANK_EVENT_TYPE, wanted, by);
    const audit = { created: created.row, replaced: replaced.row };
    const { type, isNew } = await store.eventTypes.put(wanted, audit);
    (isNew ? created : replaced).done();
    registry.forget(store.registry.typesScope);
    return { eventType: shownEventType(type), isNew };
  }

  /** Changes what is given: `null` clears, what is absent stays. */
  async patch(name: string, options: EventTypeOptions, by?: By): Promise<RegisteredEventType> {
    const { store, registry, schemas, clock } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.#find(name);
      const after = { ...before, ...(await readEventType(options, before, schemas)), updatedAt: clock.now() };
      const act = this.#act("update", before, after, by);
      const changed = await store.eventTypes.change(after, before.updatedAt, act.row);
      registry.forget(store.registry.typesScope);
      if (!changed) continue;
      act.done();
      return shownEventType(changed);
    }
    throw changesTooFast(name);
  }

  /**
   * Removes an event type. Events of this type are still sent, like those of any unregistered type; to stop sending them, archive it with
   * `patch`.
   */
  async delete(name: string, by?: By): Promise<void> {
    const { store, registry, audit } = this.#parts;
    const { name: found } = await this.#find(name);
    const act = audit.act(by, { action: "event_type.delete", target: found });
    const removed = await store.eventTypes.remove(found, act.row);
    registry.forget(store.registry.typesScope);
    if (!removed) throw new NotFoundError("event_type", name);
    act.done();
  }

  #act(verb: "create" | "update", before: EventTypeFields, after: EventType, by: By | undefined): AuditedAct {
    const change = changedFields<EventTypeFields>(before, after, TOLD, TOLD_OF_JSON);
    return this.#parts.audit.act(by, { action: `event_type.${verb}`, target: after.name, change });
  }

  #new(name: string, fields: EventTypeFields): EventType {
    const now = this.#parts.clock.now();
    return { name, ...fields, createdAt: now, updatedAt: now };
  }

  async #find(name: string): Promise<EventType> {
    // a string that cannot be a name names nothing
    const known = collectProblems([], () => eventTypeOf(name));
    const found = known === undefined ? undefined : await this.#parts.store.eventTypes.get(known);
    if (!found) throw new NotFoundError("event_type", name);
    return found;
  }
}

function changesTooFast(name: string): OverloadedError {
  return new OverloadedError(
    `the event type ${name} is being changed by others at the same time; try again shortly`,
  );
}
