import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { auditPage } from "../../../src/http/schemas/audit.ts";
import { api, may } from "../live/server.ts";
import { pageAt } from "./marks.tsx";
import { search } from "./query.ts";

/** Takes any id to its page. */
export function Finder() {
  const { route } = useLocation();
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("q") as HTMLInputElement; // the one below
    const id = input.value.trim();
    if (id === "") return;
    input.value = "";
    void addressOf(id).then((address) => route(address));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is newer than some browsers in use
    <form role="search" onSubmit={find}>
      <input name="q" type="search" placeholder="Find an id or a task" aria-label="Find an id or a task" />
      <kbd>/</kbd>
    </form>
  );
}

/** Pages by the prefix of the ids of what they show. */
const PAGES = [
  ["job_", "jobs"],
  ["msg_", "events"],
  ["qtask_", "bulk"],
  ["app_", "endpoints"],
] as const;

/** Of a group of failures. */
const FINGERPRINT = /^[0-9a-f]{16}$/;

async function addressOf(id: string): Promise<string> {
  const [, page] = PAGES.find(([start]) => id.startsWith(start)) ?? [];
  if (page) return pageAt(page, id);
  if (id.startsWith("key_")) return pageAt("keys");
  if (id.startsWith("ep_")) {
    const tenant = await tenantOf(id);
    if (tenant) return pageAt("endpoints", tenant, id);
  }
  if (FINGERPRINT.test(id)) return pageAt("failures", id);
  if (id.startsWith("grp_")) return `${pageAt("jobs")}${search({ group: id })}`;
  return `${pageAt("jobs")}${search({ task: id })}`;
}

/** An endpoint's id does not say whose it is; the audit says who made it, and for whom. */
export async function tenantOf(endpoint: string): Promise<string | null | undefined> {
  if (!may("admin")) return undefined;
  const found = await api
    .get<z.infer<typeof auditPage>>(`/audit${search({ target: endpoint, limit: "1" })}`)
    .catch(() => undefined);
  return found?.data[0]?.tenant;
}
