import { z } from "zod";

const detail = z.string().meta({ description: "What is wrong with it, for people to read." });

export const bodyError = z
  .object({
    pointer: z
      .string()
      .meta({ description: "A JSON Pointer (RFC 6901) into the body.", examples: ["/payload"] }),
    detail,
  })
  .meta({ description: "What is wrong in the body, and where." });

export const parameterError = z
  .object({
    parameter: z.string().meta({ description: "The name of a query parameter.", examples: ["limit"] }),
    detail,
  })
  .meta({ description: "What is wrong with a query parameter." });

export const headerError = z
  .object({
    header: z.string().meta({ description: "The name of a request header.", examples: ["idempotency-key"] }),
    detail,
  })
  .meta({ description: "What is wrong with a header." });

export const fieldError = z
  .union([bodyError, parameterError, headerError])
  .meta({ description: "Where something is wrong, and what." });

export const problemSchema = z
  .object({
    type: z
      .literal("about:blank")
      .meta({ description: "Always about:blank: `code` says which problem it is." }),
    title: z.string().meta({ description: "The name of the status.", examples: ["Not Found"] }),
    status: z.int().meta({ description: "The status of the response.", examples: [404] }),
    detail: z.string().meta({ description: "What is wrong and what to do, for people to read." }),
    code: z.string().meta({ description: "Stable, for programs to branch on.", examples: ["job_not_found"] }),
    instance: z
      .string()
      .meta({ description: "Only on a 500: identifies the error in the server's log." })
      .optional(),
    errors: z.array(fieldError).meta({ description: "The invalid fields, the first 20 of them." }).optional(),
  })
  .meta({ description: "Problem details, RFC 9457." });

export const healthAnswer = z
  .object({
    status: z.literal("ok").meta({ description: "The process is alive." }),
  })
  .meta({ description: "The process is alive." });
