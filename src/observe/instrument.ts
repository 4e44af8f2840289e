import { innerPart } from "../core/inner-part.ts";
import { Channel } from "./channel.ts";
import type * as happened from "./events.ts";
import type { FailureRecorded } from "./failure-recorded.ts";
import type * as requests from "./request-events.ts";

/**
 * All that can be observed of one Posthorn: a closed list of events, each published at one place, and free of cost while nobody
 * listens. The log, waiting for a job's end, the timer for due jobs and `posthorn.on` are subscribers.
 */
export class Instrument {
  // the first, since the others report to it
  readonly "listener.failed" = this.#channel<happened.ListenerFailed>("listener.failed");

  /** Schedules and bulk runs made jobs, which nobody asked for one by one. */
  readonly "jobs.made" = this.#channel<{ readonly task: string; readonly count: number }>("jobs.made");
  readonly "job.accepted" = this.#channel<happened.JobAccepted>("job.accepted");
  /** A request made no job, because there is one: of its idempotency key, or of its job key. */
  readonly "job.joined" = this.#channel<{ readonly task: string; readonly by: "idempotency key" | "key" }>(
    "job.joined",
  );
  /** Of a job that was accepted for later, or will be tried again. */
  readonly "job.scheduled" = this.#channel<happened.JobScheduled>("job.scheduled");
  readonly "jobs.promoted" = this.#channel<happened.JobsPromoted>("jobs.promoted");
  readonly "job.claimed" = this.#channel<happened.JobInHand>("job.claimed");
  readonly "jobs.returned" = this.#channel<happened.JobsReturned>("jobs.returned");
  readonly "job.begun" = this.#channel<happened.JobInHand>("job.begun");
  readonly "job.progressed" = this.#channel<happened.JobProgressed>("job.progressed");
  readonly "handler.stalled" = this.#channel<happened.HandlerStalled>("handler.stalled");
  /** Its handler has really ended, which may be later than its attempt. */
  readonly "handler.ended" = this.#channel<happened.JobInHand>("handler.ended");
  readonly "slot.held" = this.#channel<happened.SlotHeld>("slot.held");
  readonly "slot.freed" = this.#channel<happened.SlotHeld>("slot.freed");
  readonly "attempt.ended" = this.#channel<happened.AttemptEnded>("attempt.ended");
  readonly "attempt.failed" = this.#channel<happened.AttemptFailed>("attempt.failed");
  readonly "failure.recorded" = this.#channel<FailureRecorded>("failure.recorded");
  readonly "attempt.lost" = this.#channel<happened.AttemptLost>("attempt.lost");
  readonly "job.succeeded" = this.#channel<happened.JobSucceeded>("job.succeeded");
  readonly "job.failed" = this.#channel<happened.JobFailed>("job.failed");
  readonly "job.failing" = this.#channel<happened.JobFailing>("job.failing");
  readonly "job.recovered" = this.#channel<happened.JobRecovered>("job.recovered");
  readonly "job.isolated" = this.#channel<happened.JobIsolated>("job.isolated");
  readonly "job.cancelled" = this.#channel<happened.JobCancelled>("job.cancelled");
  readonly "jobs.expired" = this.#channel<happened.JobsExpired>("jobs.expired");
  readonly "error.left behind" = this.#channel<happened.ErrorLeftBehind>("error.left behind");
  readonly "result.dropped" = this.#channel<happened.ResultDropped>("result.dropped");

  readonly "task.missing" = this.#channel<happened.TaskMissing>("task.missing");
  readonly "clock.set back" = this.#channel<happened.ClockSetBack>("clock.set back");
  readonly "lane.rested" = this.#channel<happened.LaneRested>("lane.rested");
  readonly "commit.done" = this.#channel<happened.CommitDone>("commit.done");
  readonly "loop.blocked" = this.#channel<happened.LoopBlocked>("loop.blocked");
  readonly pruned = this.#channel<happened.Pruned>("pruned");

  readonly "worker.joined" = this.#channel<happened.OneWorker>("worker.joined");
  readonly "worker.left" = this.#channel<happened.OneWorker>("worker.left");
  readonly "worker.lost" = this.#channel<happened.WorkerLost>("worker.lost");
  /** This worker was taken for dead by others while it could not run. */
  readonly "worker.expelled" = this.#channel<happened.OneWorker>("worker.expelled");
  /** Somebody has asked this worker to take no more jobs. */
  readonly "worker.resting" = this.#channel<happened.OneWorker>("worker.resting");

  readonly "schedule.fired" = this.#channel<happened.ScheduleFired>("schedule.fired");
  readonly "schedule.skipped" = this.#channel<happened.ScheduleSkipped>("schedule.skipped");
  readonly "schedule.brought back" = this.#channel<happened.ScheduleBroughtBack>("schedule.brought back");

  readonly "endpoint.opened" = this.#channel<happened.EndpointOpened>("endpoint.opened");
  readonly "endpoint.closed" = this.#channel<happened.EndpointClosed>("endpoint.closed");
  readonly "endpoint.paused" = this.#channel<happened.EndpointStatusChanged>("endpoint.paused");
  readonly "endpoint.resumed" = this.#channel<happened.EndpointStatusChanged>("endpoint.resumed");
  readonly "endpoint.enabled" = this.#channel<happened.EndpointStatusChanged>("endpoint.enabled");
  readonly "endpoint.disabled" = this.#channel<happened.EndpointStatusChanged>("endpoint.disabled");

  readonly "delivery.failing" = this.#channel<happened.DeliveryFailing>("delivery.failing");
  readonly "delivery.exhausted" = this.#channel<happened.DeliveryExhausted>("delivery.exhausted");
  readonly "delivery.recovered" = this.#channel<happened.DeliveryRecovered>("delivery.recovered");

  /** A batch of a bulk run is on disk. */
  readonly "bulk.advanced" = this.#channel<{
    readonly action: string;
    readonly done: number;
    readonly skipped: number;
  }>("bulk.advanced");
  /** Jobs that bulk runs queued have failed permanently; published a moment later. */
  readonly "bulk.failed" = this.#channel<{ readonly action: string; readonly count: number }>("bulk.failed");
  readonly "bulk.ended" = this.#channel<happened.BulkRunEnded>("bulk.ended");

  readonly "operator.acted" = this.#channel<happened.OperatorActed>("operator.acted");

  readonly "finding.appeared" = this.#channel<happened.FindingAppeared>("finding.appeared");
  readonly "finding.gone" = this.#channel<happened.FindingGone>("finding.gone");

  readonly "database.lost" = this.#channel<happened.DatabaseLost>("database.lost");
  readonly "database.away" = this.#channel<happened.DatabaseAway>("database.away");
  readonly "database.back" = this.#channel<happened.DatabaseBack>("database.back");
  readonly "step.failed" = this.#channel<happened.StepFailed>("step.failed");

  /** Somebody starts, or stops, following a job or the statistics live. */
  readonly "stream.opened" = this.#channel<requests.OneStream>("stream.opened");
  readonly "stream.closed" = this.#channel<requests.OneStream>("stream.closed");

  readonly "request.answered" = this.#channel<requests.RequestAnswered>("request.answered");
  readonly "request.refused" = this.#channel<requests.RequestRefused>("request.refused");
  readonly "request.failed" = this.#channel<requests.RequestFailed>("request.failed");

  #channel<Event>(event: string): Channel<Event> {
    return new Channel((error) => this["listener.failed"].publish({ event, error }));
  }
}

/** Where a Posthorn keeps its instrument. */
export const INSTRUMENT = Symbol.for("posthorn.instrument");

/** What can be observed of a Posthorn: for its own surfaces, which publish there too. Programs have `posthorn.on`. */
export function instrumentOf(posthorn: object): Instrument {
  return innerPart(posthorn, INSTRUMENT);
}
