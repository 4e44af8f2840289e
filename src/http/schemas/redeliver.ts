import { z } from "zod";
import { givenMoment } from "./times.ts";

export const redeliverBody = z
  .strictObject({
    status: z.enum(["failed", "cancelled"]).meta({ description: "Default failed." }).optional(),
    target_url: z
      .string()
      .meta({ format: "uri", description: "Only deliveries to this target, ignoring its query string." })
      .optional(),
    created_from: givenMoment.meta({ description: "Created at or after." }).optional(),
    created_before: givenMoment.meta({ description: "Created before." }).optional(),
  })
  .meta({
    description:
      "Which deliveries to queue again. All given conditions must be met; {} selects every failed one.",
  });

export const nothing = z.strictObject({});
