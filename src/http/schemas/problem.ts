import { z } from "zod";

export const bodyError = z.object({
  pointer: z.string().meta({ description: "A JSON Pointer (RFC 6901) into the body." }),
  detail: z.string(),
});

export const parameterError = z.object({
  parameter: z.string().meta({ description: "The name of a query parameter." }),
  detail: z.string(),
});

export const headerError = z.object({
  header: z.string().meta({ description: "The name of a request header." }),
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
    detail: z.string().meta({ description: "For people to read." }),
    code: z.string().meta({ description: "Stable, for programs to branch on." }),
    instance: z
      .string()
      .meta({ description: "Only on a 500: identifies the error in the server's log." })
      .optional(),
    errors: z
      .array(fieldError)
      .meta({ description: "What is wrong and where, for invalid fields." })
      .optional(),
  })
  .meta({ description: "Problem details, RFC 9457." });

export const healthAnswer = z.object({ status: z.literal("ok") });
