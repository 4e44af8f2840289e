import type { z } from "zod";
import type { bulkPreview } from "../../../src/http/schemas/bulk.ts";

type Lanes = z.infer<typeof bulkPreview>["lanes"];

/** As the server has it, where nothing else is asked for. */
export const DEFAULT_PACE = 50;

/** How long a lane's jobs take at a pace, in milliseconds; undefined for an action that has none. */
export function laneTakes({ n, rate, seconds }: Lanes[number], pace = DEFAULT_PACE): number | undefined {
  return seconds === null ? undefined : Math.ceil(n / Math.min(pace, rate ?? pace)) * 1_000;
}

/** All lanes go on at the same time. */
export function allTake(lanes: Lanes, pace?: number): number | undefined {
  const each = lanes.flatMap((lane) => laneTakes(lane, pace) ?? []);
  return each.length === 0 ? undefined : Math.max(...each);
}
