import type { Report } from "./ledger.ts";
import type { LoadPlan } from "./plan.ts";

/** To the process that makes the load. */
export type Ask =
  | { readonly kind: "load"; readonly url: string; readonly plan: LoadPlan }
  /** What has come of the last load so far, including what came while the system was being stopped. */
  | { readonly kind: "report" };

/** From it. */
export type Tell =
  | { readonly kind: "listening"; readonly url: string }
  /** All that was accepted has arrived, or the time for that is over. `cores`: how many this process kept busy. */
  | { readonly kind: "loaded"; readonly cores: number }
  | { readonly kind: "report"; readonly report: Report };
