import { z } from "zod";
import { jsonText } from "../../answer/answer.ts";
import type { JobPlace } from "../../answer/job-place.ts";
import { revealQuery } from "../../redaction/reveal.ts";
import { parseQuery } from "../../request/parse.ts";
import type { Route, Services } from "../../route.ts";
import { jobIdParameter, namedJob, noteJobRevealed } from "./job.ts";

const input = z.object({
  input: z.unknown().meta({ description: "Byte for byte as it was given, with every digit." }),
});

/** What a job was made with: a webhook's payload, a task's input. */
export function inputRoute({ posthorn }: Services, place: JobPlace): Route {
  return {
    method: "GET",
    path: `${place.path}/{job_id}/input`,
    needs: "read",
    scope: "tenant",
    reveals: true,
    operation: {
      id: place.operationIds.input,
      tag: place.tag,
      summary: "Get a job's input",
      description:
        "The payload of a webhook, or the input of a task, exactly as it was sent. null for the delivery of an event, which has the payload itself.",
      parameters: [jobIdParameter],
      query: revealQuery,
      answers: { 200: { description: "The JSON.", schema: input, example: { input: { orderId: "42" } } } },
      problems: [404, 422],
    },
    async handle(c, caller) {
      const query = parseQuery(revealQuery, c.req.url);
      const job = await namedJob(c, caller, place, posthorn);
      await noteJobRevealed(c, caller, query, posthorn, job);
      const text = await posthorn.jobs.input(job.id);
      const written = text === "" ? "null" : text;
      return jsonText(200, `{"input":${written}}`);
    },
  };
}
