import { z } from "zod";
import { moment } from "./times.ts";

const text = z.string();
const nullableMoment = (description: string) => moment(description).nullable();

export const healthAnswer = z
  .object({
    breaker: z.enum(["closed", "open", "half_open"]).meta({
      description:
        "closed: deliveries are sent. open: they wait, because they kept failing. half_open: one of them tries whether it works again.",
    }),
    failures: z.int().meta({ description: "Failures in a row, up to now." }),
    failing_since: nullableMoment("When the first of these failures was."),
    opened_at: nullableMoment("When the breaker opened."),
    next_probe_at: nullableMoment(
      "When the next delivery probes whether it works again, if one is waiting then.",
    ),
    last_success_at: nullableMoment("When a delivery last succeeded; only known once one has failed."),
    last_failure_at: nullableMoment("When the last failure was."),
    last_error: text.nullable().meta({ description: "The error of the last failure." }),
  })
  .meta({ description: "How deliveries to an endpoint have been going." });

export type HealthAnswer = z.infer<typeof healthAnswer>;
