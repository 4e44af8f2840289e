import { json } from "../../answer/answer.ts";
import { groupView } from "../../answer/fleet-view.ts";
import { RequestError } from "../../request/request-error.ts";
import type { Route, Services } from "../../route.ts";
import { type GroupAnswer, groupAnswer } from "../../schemas/fleet.ts";

const example: GroupAnswer = {
  group_id: "grp_01k9zq3v7n8r2m4w6x8y0z1a3b",
  total: 120,
  succeeded: 80,
  failed: 1,
  cancelled: 0,
  created_at: "2026-01-31T09:00:00.000Z",
  settled_at: null,
};

export function groupRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/groups/{group_id}",
    needs: "read",
    scope: "server",
    operation: {
      id: "getGroup",
      tag: "Jobs",
      summary: "Get a group of jobs that were enqueued together",
      parameters: [
        {
          name: "group_id",
          in: "path",
          description: "The group's id, as its jobs show it.",
          example: example.group_id,
        },
      ],
      answers: { 200: { description: "The group.", schema: groupAnswer, example } },
      problems: [404],
    },
    async handle(c) {
      const id = c.req.param("group_id") ?? "";
      const group = await posthorn.jobs.group(id);
      if (group) return json(200, groupView(group));
      throw new RequestError(
        `no group has the id ${JSON.stringify(id)}; it may have been pruned after its jobs ended`,
        { status: 404, code: "group_not_found" },
      );
    },
  };
}
