import { z } from "zod";
import { jsonText } from "../../answer/answer.ts";
import { openApiOf } from "../../openapi.ts";
import type { Route } from "../../route.ts";

/** @param routes returns all the API's routes, including this one. */
export function openApiRoute(routes: () => readonly Route[], version: string, basePath = ""): Route {
  let text: string | undefined;
  return {
    method: "GET",
    path: "/openapi.json",
    needs: "read",
    scope: "everyone",
    operation: {
      id: "describe",
      tag: "Server",
      summary: "Get this description, as OpenAPI 3.1",
      answers: { 200: { description: "The OpenAPI document.", schema: z.record(z.string(), z.unknown()) } },
      problems: [],
    },
    handle() {
      text ??= JSON.stringify(openApiOf(routes(), version, basePath));
      return jsonText(200, text);
    },
  };
}
