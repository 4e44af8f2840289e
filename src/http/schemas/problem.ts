import { z } from "zod";

export const bodyError = z.object({
  pointer: z.string().meta({ description: "Into the body: a JSON Pointer (RFC 6901)." }),
  detail: z.string(),
});

export const parameterError = z.object({
  parameter: z.string().meta({ description: "Of the query." }),
  detail: z.string(),
});

export const headerError = z.object({
  header: z.string().meta({ description: "Of the request." }),
  detail: z.string(),
});

export const fieldError = z
  .union([bodyError, parameterError, headerError])
  .meta({ description: "Where something is wrong, and what." });

export const problemSchema = z
  .object({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "For people." }),
    code: z.string().meta({ description: "For programs: stable." }),
    instance: z.string().meta({ description: "On a 500; the server's log has it too." }).optional(),
    errors: z
      .array(fieldError)
      .meta({ description: "What is wrong and where, for invalid fields." })
      .optional(),
  })
  .meta({ description: "Problem details, RFC 9457." });

export const healthAnswer = z.object({ status: z.literal("ok") });
