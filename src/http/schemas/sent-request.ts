import { z } from "zod";

export const sentRequestAnswer = z
  .object({
    method: z.literal("POST").meta({ description: "The method." }),
    url: z.string().meta({ description: "Where it goes." }),
    headers: z
      .array(
        z.object({
          name: z.string().meta({ description: "The header's name." }),
          value: z.string().nullable().meta({
            description:
              "The header's value; null if it may be a secret, and for the signature unless it was asked for.",
          }),
        }),
      )
      .readonly()
      .meta({ description: "The headers that Posthorn writes, apart from those of the connection." }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "The size of the body, in bytes; null for a key that is shown no payloads." }),
  })
  .meta({
    description:
      "The request of a delivery, rebuilt from the job as it would be sent now. Requests that were sent are not kept.",
  });

export type SentRequestAnswer = z.infer<typeof sentRequestAnswer>;
