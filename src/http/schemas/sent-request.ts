import { z } from "zod";

export const sentRequestAnswer = z
  .object({
    method: z.literal("POST").meta({ description: "The method." }),
    url: z.string().meta({ description: "Where it goes." }),
    headers: z
      .array(
        z.object({
          name: z.string().meta({ description: "Its name." }),
          value: z.string().nullable().meta({
            description:
              "Its value; null for what may be a secret, and for a signature that was not asked for.",
          }),
        }),
      )
      .readonly()
      .meta({ description: "The headers that Posthorn writes, apart from those of the connection." }),
    bytes: z
      .int()
      .nullable()
      .meta({ description: "The size of the body; null for a key that is shown no payloads." }),
  })
  .meta({
    description:
      "The request of a delivery, as it is rebuilt from the job: as it would be sent now. Requests that were sent are not kept.",
  });

export type SentRequestAnswer = z.infer<typeof sentRequestAnswer>;
