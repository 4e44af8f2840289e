import { moving, TYPES_SCOPE } from "./registry.ts";
import { flag, json, name, nullable, oneOf, text, time } from "./tables/column.ts";
import { type KeyPage, Keyset, type Slice } from "./tables/keyset.ts";
import { audited, type Call, type Session } from "./tables/session.ts";
import { type FieldsOf, Table } from "./tables/table.ts";

/** Event types that somebody has described; events may have others. */
export interface EventTypeShelf {
  /** Undefined when there is one of this name, archived or not. */
  create(type: EventType, audit?: Call<unknown>): Promise<EventType | undefined>;
  /** The same as part of a submission, which is refused when there is one. */
  creating(type: EventType): Creating;
  /** `change` as part of a submission, which is refused when it has changed or is gone. */
  changing(type: EventType, readAt: number): Creating;
  get(name: string): Promise<EventType | undefined>;
  /** In the order of their names, archived ones too where that is asked for. */
  list(page: EventTypePage): Promise<Slice<EventType>>;
  /** Creates it, or replaces all but when it was created. */
  put(type: EventType, audit?: PutAudit): Promise<PutEventType>;
  /**
   * Replaces it, if it has not changed since it was read with this `updatedAt`; one change's time is always after the last one's.
   * Undefined when it has changed or is gone.
   */
  change(type: EventType, readAt: number, audit?: Call<unknown>): Promise<EventType | undefined>;
  /** Whether there was one. */
  remove(name: string, audit?: Call<unknown>): Promise<boolean>;
}

export interface EventTypePage extends KeyPage {
  readonly withArchived: boolean;
}

/** See `Submission`. */
interface Creating {
  readonly guard: Call<EventType>;
  readonly rows: readonly Call<unknown>[];
}

/** The entry that is written with it, as it turns out. */
export interface PutAudit {
  readonly created: Call<unknown>;
  readonly replaced: Call<unknown>;
}

export interface PutEventType {
  readonly type: EventType;
  readonly isNew: boolean;
}

export const EVENT_TYPES = new Table("event_types", ["name"], {
  name,
  description: text,
  /** An object: a JSON Schema for each version. */
  schemas: nullable(json),
  /** What happens to events that do not match their schema. */
  enforce: oneOf("off", "warn", "refuse"),
  is_archived: flag,
  is_deprecated: flag,
  feature_flags: nullable(json),
  group_name: nullable(text),
  created_at: time,
  updated_at: time,
});

export type EventType = FieldsOf<typeof EVENT_TYPES>;

const INSERT = EVENT_TYPES.statement(`
  ${EVENT_TYPES.insertion}
  on conflict (name) do nothing
  returning ${EVENT_TYPES.fields}`);

const GET = EVENT_TYPES.statement(`
  select ${EVENT_TYPES.fields}
  from posthorn.event_types
  where name = ?`);

const ALL = new Keyset(EVENT_TYPES, "name", "true");
const IN_USE = new Keyset(EVENT_TYPES, "name", "is_archived = false");

const CHANGEABLE = [
  "description",
  "schemas",
  "enforce",
  "is_archived",
  "is_deprecated",
  "feature_flags",
  "group_name",
] as const;

const REPLACE = `
  update posthorn.event_types
  set
    ${CHANGEABLE.map((column) => `${column} = ?`).join(", ")},
    updated_at = case when updated_at < ? then ? else updated_at + 1 end
  where name = ?`;

const PUT = EVENT_TYPES.statement(`
  ${REPLACE}
  returning ${EVENT_TYPES.fields}`);

const CHANGE = EVENT_TYPES.statement(`
  ${REPLACE} and updated_at = ?
  returning ${EVENT_TYPES.fields}`);

const REMOVE = EVENT_TYPES.statement(`
  delete from posthorn.event_types
  where name = ?
  returning ${EVENT_TYPES.fields}`);

export class EventTypes implements EventTypeShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async create(type: EventType, audit?: Call<unknown>): Promise<EventType | undefined> {
    const [, , [created]] = await this.#session.write(
      ...moving(TYPES_SCOPE),
      audited(INSERT.with(...EVENT_TYPES.valuesOf(type)), audit),
    );
    return created;
  }

  creating(type: EventType): Creating {
    return { guard: INSERT.with(...EVENT_TYPES.valuesOf(type)), rows: moving(TYPES_SCOPE) };
  }

  changing(type: EventType, readAt: number): Creating {
    return { guard: CHANGE.with(...replacing(type), readAt), rows: moving(TYPES_SCOPE) };
  }

  async get(name: string): Promise<EventType | undefined> {
    const [type] = await this.#session.read(GET.with(name));
    return type;
  }

  list({ withArchived, ...page }: EventTypePage): Promise<Slice<EventType>> {
    return (withArchived ? ALL : IN_USE).page(this.#session, page);
  }

  async put(type: EventType, audit?: PutAudit): Promise<PutEventType> {
    const [, , [replaced]] = await this.#session.write(
      ...moving(TYPES_SCOPE),
      audited(PUT.with(...replacing(type)), audit?.replaced),
      audited(INSERT.with(...EVENT_TYPES.valuesOf(type)), audit?.created), // unless it is there
    );
    return { type: replaced ?? type, isNew: replaced === undefined };
  }

  async change(type: EventType, readAt: number, audit?: Call<unknown>): Promise<EventType | undefined> {
    const [, , [changed]] = await this.#session.write(
      ...moving(TYPES_SCOPE),
      audited(CHANGE.with(...replacing(type), readAt), audit),
    );
    return changed;
  }

  async remove(name: string, audit?: Call<unknown>): Promise<boolean> {
    const [, , removed] = await this.#session.write(
      ...moving(TYPES_SCOPE),
      audited(REMOVE.with(name), audit),
    );
    return removed.length === 1;
  }
}

function replacing(type: EventType) {
  return [...EVENT_TYPES.valuesOf(type, CHANGEABLE), type.updatedAt, type.updatedAt, type.name];
}
