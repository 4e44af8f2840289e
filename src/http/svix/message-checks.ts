import { z } from "zod";
import type { ListOptions } from "../../engine/lists.ts";
import { patternsThatWant } from "../../webhooks/events/matching/event-type-patterns.ts";
import { json } from "../answer/answer.ts";
import { bodyOf, text } from "./body.ts";
import { type SvixOperation, unlessUnknown } from "./operation.ts";

const precheckIn = z.object({ eventType: text, channels: z.array(text).nullish() });
const expungeIn = z.object({ ids: z.array(text).max(100) });

/** What can be asked of messages beforehand, or of several at once. */
export const messageChecks: readonly SvixOperation[] = [
  {
    id: "v1.message.precheck",
    method: "POST",
    path: "/app/{app}/msg/precheck/active",
    scope: "organization",
    needs: "read",
    async handle(request) {
      const { eventType, channels } = (await bodyOf(request, precheckIn)).body;
      const { id } = await request.application();
      const patterns = patternsThatWant(eventType);
      for (let page: ListOptions = { limit: 250 }; ; ) {
        const { data, nextCursor } = await request.webhooks.endpoints.list(id, page);
        const active = data.some(
          (endpoint) =>
            endpoint.status !== "disabled" &&
            (endpoint.eventTypes?.some((type) => patterns.has(type)) ?? true) &&
            (endpoint.channels?.some((channel) => channels?.includes(channel)) ?? true),
        );
        if (active || nextCursor === null) return json(200, { active });
        page = { limit: 250, after: nextCursor };
      }
    },
  },
  {
    id: "v1.message.bulk-expunge-content",
    method: "POST",
    path: "/app/{app}/msg/bulk-expunge",
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { ids } = (await bodyOf(request, expungeIn)).body;
      const { id: tenant } = await request.application();
      const results: [string, "expunged" | "not-found"][] = [];
      for (const id of ids) {
        const erased = await unlessUnknown(request.webhooks.events.erase(tenant, id, request.by));
        results.push([id, erased === undefined ? "not-found" : "expunged"]);
      }
      return json(200, { results: Object.fromEntries(results) });
    },
  },
];
