import type { FindingsAnswer } from "../../../src/http/schemas/findings.ts";
import { type Asked, useAsked } from "../live/asked.ts";
import { may, offers } from "../live/server.ts";

/** What the server's own checks last found; for those who may see all of it. */
export function useHealth(): Asked<FindingsAnswer> {
  return useAsked<FindingsAnswer>(offers("GET /doctor") && may("admin") ? "/doctor" : null);
}
