import { bytes, eventId, json, name, nullable, text, time } from "./column.ts";
import type { Session } from "./session.ts";
import { type FieldsOf, Table } from "./table.ts";

/** What happened, kept once however many jobs deliver it. Written with the first of them, see `Submission`. */
export interface EventShelf {
  get(eventId: string): Promise<Event | undefined>;
  /** Erases its payload permanently: jobs that still had to deliver it fail. Returns whether there was one to erase. */
  erase(eventId: string): Promise<boolean>;
}

export const EVENTS = new Table("events", ["id"], {
  id: eventId,
  /** The id of the tenant that it belongs to. */
  tenant: text,
  type: name,
  /** Lists of strings. */
  channels: nullable(json),
  tags: nullable(json),
  /** What is sent along, by name. */
  headers: nullable(json),
  content_type: text,
  /** As it arrived; null once it has been erased. */
  payload: nullable(bytes),
  created_at: time,
});

export type Event = FieldsOf<typeof EVENTS>;

const INSERT = EVENTS.statement(EVENTS.insertion, { takes: EVENTS.kinds });

const GET = EVENTS.statement(`select ${EVENTS.fields} from posthorn.events where id = ?`, {
  takes: ["event_id"],
});

const ERASE = EVENTS.statement(
  "update posthorn.events set payload = null where id = ? and payload is not null returning id",
  { takes: ["event_id"] },
);

/** The statement that writes one. */
export function insertion(event: Event) {
  return INSERT.with(...EVENTS.valuesOf(event));
}

export class Events implements EventShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Event | undefined> {
    const [event] = await this.#session.read(GET.with(id));
    return event;
  }

  async erase(id: string): Promise<boolean> {
    const [erased] = await this.#session.write(ERASE.with(id));
    return erased.length === 1;
  }
}
