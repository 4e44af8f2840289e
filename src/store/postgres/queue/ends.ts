import { isEnd } from "../../../core/transition.ts";
import type { NewJob } from "../../queue.ts";
import type { PlacedJob } from "./new-jobs.ts";
import type { Move } from "./settle.ts";
import type { End } from "./tied-jobs.ts";

/** The ends among moves, of jobs that are tied to something. */
export function endsOf(moves: readonly Move[], moved: ReadonlySet<number>): End[] {
  return moves.flatMap(({ lease, transition }) =>
    lease.ties && moved.has(lease.token) && isEnd(transition) ? [{ job: lease, transition }] : [],
  );
}

/** Jobs that no claim takes at once. */
export function unclaimed(jobs: readonly NewJob[]): PlacedJob[] {
  return jobs.map((job) => ({ job, token: null }));
}
