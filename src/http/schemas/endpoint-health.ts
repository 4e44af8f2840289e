import { z } from "zod";
import { moment } from "./times.ts";

const text = z.string();
const nullableMoment = (description: string) => moment(description).nullable();

export const healthAnswer = z
  .object({
    breaker: z.enum(["closed", "open", "half_open"]).meta({
      description:
        "closed: deliveries are sent. open: they wait, because they kept failing. half_open: one of them probes whether it works again.",
    }),
    failures: z.int().meta({ description: "How many failures in a row there have been." }),
    failing_since: nullableMoment("When the first of these failures happened; null without any."),
    opened_at: nullableMoment("When the breaker opened; null while it is closed."),
    next_probe_at: nullableMoment(
      "When the next delivery probes whether it works again, if one is waiting then; null while the breaker is closed.",
    ),
    last_success_at: nullableMoment(
      "When a delivery last succeeded; null if unknown, as it is until one has failed.",
    ),
    last_failure_at: nullableMoment("When a delivery last failed; null if none has."),
    last_error: text
      .nullable()
      .meta({ description: "The error of the last failure; null if there was none." }),
  })
  .meta({ description: "How deliveries to an endpoint have been going." });

export type HealthAnswer = z.infer<typeof healthAnswer>;
