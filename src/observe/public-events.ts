import { ConfigurationError, shownName } from "../core/errors.ts";
import type { Channel, Unsubscribe } from "./channel.ts";
import type {
  AttemptFailed,
  AttemptLost,
  BulkRunEnded,
  DatabaseBack,
  DatabaseLost,
  DeliveryExhausted,
  DeliveryFailing,
  DeliveryRecovered,
  EndpointClosed,
  EndpointOpened,
  EndpointStatusChanged,
  FindingAppeared,
  FindingGone,
  JobFailed,
  JobSucceeded,
  LoopBlocked,
  ResultDropped,
  ScheduleFired,
  SlotHeld,
} from "./events.ts";
import type { Instrument } from "./instrument.ts";

/** The events of `posthorn.on`, each about something that happens in this process. */
export interface PosthornEvents {
  /** An attempt failed. `error` is what the handler threw, for Sentry and the like. */
  readonly "attempt.failed": AttemptFailed;
  /** This process found that the worker of an attempt died, and queued its job again. */
  readonly "attempt.lost": AttemptLost;
  /** A job succeeded. */
  readonly "job.succeeded": JobSucceeded;
  /** A job failed permanently. */
  readonly "job.failed": JobFailed;
  /** A handler is still running ten seconds after its attempt was given up, and holds its slot. */
  readonly "slot.held": SlotHeld;
  /** Such a handler has ended after all. */
  readonly "slot.freed": SlotHeld;
  /** A result came too late: the job had been cancelled, or given to another worker. */
  readonly "result.dropped": ResultDropped;
  /** The database cannot be reached or written. Sent once per outage. */
  readonly "database.lost": DatabaseLost;
  /** The database works again. */
  readonly "database.back": DatabaseBack;
  /** The doctor's checks, which run every minute, found a problem with the database or with what works on it. */
  readonly "finding.appeared": FindingAppeared;
  /** The problem is resolved. */
  readonly "finding.gone": FindingGone;
  /** A handler blocked the event loop for five seconds or more. */
  readonly "loop.blocked": LoopBlocked;
  /** This process queued the jobs of a schedule that was due. */
  readonly "schedule.fired": ScheduleFired;
  /** Deliveries to an endpoint kept failing in this process, and wait now. */
  readonly "endpoint.opened": EndpointOpened;
  /** The endpoint works again. */
  readonly "endpoint.closed": EndpointClosed;
  /** An endpoint was disabled in this process, by hand or because it answered 410 or failed for days. */
  readonly "endpoint.disabled": EndpointStatusChanged;
  /** An endpoint was enabled in this process. */
  readonly "endpoint.enabled": EndpointStatusChanged;
  /** The fourth attempt of a delivery to an endpoint failed; it will be tried again. */
  readonly "delivery.failing": DeliveryFailing;
  /** A delivery to an endpoint failed permanently. */
  readonly "delivery.exhausted": DeliveryExhausted;
  /** A delivery to an endpoint that had failed four times or more has succeeded. */
  readonly "delivery.recovered": DeliveryRecovered;
  /** A bulk run has ended, was stopped, or paused by itself, in this process. */
  readonly "bulk.ended": BulkRunEnded;
}

const NAMES: ReadonlySet<string> = new Set([
  "attempt.failed",
  "attempt.lost",
  "job.succeeded",
  "job.failed",
  "slot.held",
  "slot.freed",
  "result.dropped",
  "database.lost",
  "database.back",
  "finding.appeared",
  "finding.gone",
  "loop.blocked",
  "schedule.fired",
  "endpoint.opened",
  "endpoint.closed",
  "endpoint.disabled",
  "endpoint.enabled",
  "delivery.failing",
  "delivery.exhausted",
  "delivery.recovered",
  "bulk.ended",
] satisfies (keyof PosthornEvents)[]);

/** @throws ConfigurationError when there is no such event, or the listener is not a function. */
export function subscribe<Name extends keyof PosthornEvents>(
  instrument: Instrument,
  event: Name,
  listener: (event: PosthornEvents[Name]) => unknown,
): Unsubscribe {
  if (!NAMES.has(event))
    throw new ConfigurationError(
      `there is no event ${shownName(event)} to listen to; valid events are ${[...NAMES].join(", ")}`,
    );
  if (typeof listener !== "function")
    throw new ConfigurationError(`the listener of ${event} must be a function`);
  // by its name it is that event's channel, which TypeScript cannot see for a name it does not know
  const channel = instrument[event] as unknown as Channel<PosthornEvents[Name]>;
  return channel.subscribe(listener);
}
