import { ApiKeys, type KeyRing } from "./api-keys.ts";
import { type EventShelf, Events } from "./events.ts";
import { type FireSchedule, type ScheduleShelf, Schedules } from "./schedules.ts";
import { type SecretShelf, Secrets } from "./secrets.ts";
import type { Session } from "./session.ts";

/** The parts of a store that are tables which nothing is claimed from: written once, for both databases. */
export interface Shelves {
  readonly keys: KeyRing;
  readonly secrets: SecretShelf;
  readonly schedules: ScheduleShelf;
  readonly events: EventShelf;
}

export function shelvesOn(session: Session, fire: FireSchedule): Shelves {
  return {
    keys: new ApiKeys(session),
    secrets: new Secrets(session),
    schedules: new Schedules(session, fire),
    events: new Events(session),
  };
}
