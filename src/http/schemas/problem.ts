import { z } from "zod";

export const fieldError = z
  .union([
    z.object({ pointer: z.string(), detail: z.string() }),
    z.object({ parameter: z.string(), detail: z.string() }),
    z.object({ header: z.string(), detail: z.string() }),
  ])
  .meta({
    description:
      "pointer: a JSON Pointer (RFC 6901) into the body. parameter: of the query. header: of the request.",
  });

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
