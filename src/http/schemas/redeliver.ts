import { z } from "zod";
import { givenMoment } from "./times.ts";

export const redeliverBody = z
  .strictObject({
    status: z
      .enum(["failed", "cancelled"])
      .meta({ description: "Only deliveries with this status. Default: failed." })
      .optional(),
    target_url: z
      .string()
      .meta({ format: "uri", description: "Only deliveries to this target, ignoring its query string." })
      .optional(),
    created_from: givenMoment
      .meta({ description: "Only deliveries created at or after this time." })
      .optional(),
    created_before: givenMoment.meta({ description: "Only deliveries created before this time." }).optional(),
  })
  .meta({
    description:
      "Which deliveries to redeliver: those that meet every given condition. {} selects every failed one.",
  });

export const nothing = z.strictObject({});
