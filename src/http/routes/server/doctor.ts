import { byOf } from "../../access/by.ts";
import { json } from "../../answer/answer.ts";
import { findingsView, prunedView } from "../../answer/findings-view.ts";
import { jsonBodyOf } from "../../request/json-body.ts";
import type { Route, Services } from "../../route.ts";
import { reasonBody } from "../../schemas/endpoint-operations.ts";
import {
  type FindingsAnswer,
  findingsAnswer,
  type PruneAnswer,
  pruneAnswer,
} from "../../schemas/findings.ts";

const example: FindingsAnswer = {
  checked_at: "2026-01-31T09:10:00.000Z",
  worst: "warn",
  findings: [
    {
      check: "disk",
      level: "warn",
      title: "Free disk",
      detail: "1.6 GiB free for a database of 9.1 GiB",
      todo: "once the disk is full, no job is accepted: free some space, or set --max-database-size",
    },
  ],
  storage: [
    { part: "data", bytes: 9_663_676_416, bytes_a_day: 123_480_309 },
    { part: "free", bytes: 107_374_182, bytes_a_day: null },
    { part: "wal", bytes: 16_777_216, bytes_a_day: null },
  ],
  full_at: "2026-02-14T16:50:00.000Z",
  free_disk_bytes: 1_717_986_918,
  retention: {
    ...{ jobs: "30d", succeeded: "30d", failed: "90d", audit: "400d" },
    ...{ most_bytes: null, succeeded_bytes: null, failed_bytes: 1_073_741_824 },
  },
};

export function doctorRoute({ doctor }: Services): Route {
  return {
    method: "GET",
    path: "/doctor",
    needs: "admin",
    scope: "server",
    operation: {
      id: "getFindings",
      tag: "Server",
      summary: "Get what is wrong with the server and its database, and what to do about it",
      description:
        "The latest results of the checks of posthorn doctor, which every process runs once a minute.",
      answers: { 200: { description: "What was found.", schema: findingsAnswer, example } },
      problems: [],
    },
    handle: async () => json(200, findingsView(await doctor().findings())),
  };
}

export function pruneRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/doctor/prune",
    needs: "admin",
    scope: "server",
    operation: {
      id: "prune",
      tag: "Server",
      summary: "Delete what is past its retention",
      description:
        "Deletes now what would otherwise be deleted within a minute. The answer comes after at most ten seconds; what is left by then is deleted in the background.",
      body: { schema: reasonBody, examples: { "a reason": { reason: "the disk is filling up" } } },
      answers: {
        200: {
          description: "What was deleted.",
          schema: pruneAnswer,
          example: { pruned: { jobs: 1_200, idempotency_keys: 84 }, complete: true } satisfies PruneAnswer,
        },
      },
      problems: [400, 413, 415, 422],
    },
    async handle(c, caller) {
      const bytes = await bodies.read(c);
      const { reason } = bytes.byteLength === 0 ? {} : jsonBodyOf(c, bytes, reasonBody).body;
      return json(200, prunedView(await posthorn.prune(byOf(c, caller, reason))));
    },
  };
}
