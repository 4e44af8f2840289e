import type { Command } from "commander";
import { invocation } from "../terminal/invocation.ts";
import type { Io } from "../terminal/io.ts";
import { importEndpointsCommand } from "./import/command.ts";
import { nounCommand, type Verb } from "./noun.ts";

const TENANT = "/tenants/{tenant}";
const ENDPOINTS = `${TENANT}/endpoints`;
const BULK_RUN = "/bulk/{bulk_run}";
const ENDPOINT = `${ENDPOINTS}/{endpoint}`;
const EVENT_TYPE = "/event-types/{name}";

/** `posthorn tenants …` */
export function tenantsCommand(io: Io): Command {
  const columns = ["tenant_id", "uid", "name", "mode", "created_at"];
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists the tenants, oldest first.",
      method: "GET",
      path: "/tenants",
      list: { query: ["mode"], columns },
    },
    ...described(TENANT, "a tenant"),
    {
      name: "create",
      description: "Makes a tenant.",
      method: "POST",
      path: "/tenants",
      takesFields: true,
    },
    {
      name: "erase",
      description:
        "Deletes a tenant, and has everything erased that is kept of it, for good: events, deliveries' answers, endpoints with their secrets, keys. dry_run=true says how much there is, dry_run=false erases it.",
      method: "POST",
      path: `${TENANT}/erase`,
      takesFields: true,
    },
  ];
  const examples = `  ${invocation()} tenants create uid=acme name="Acme Ltd"\n  ${invocation()} tenants list`;
  return nounCommand("tenants", "look after the customers that get events", verbs, examples, io);
}

/** `posthorn failures …` */
export function failuresCommand(io: Io): Command {
  const columns = ["fingerprint", "n", "state", "task", "lane", "class", "last_at", "sample"];
  const group = "/failures/{fingerprint}";
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists groups of failures that are alike; those that failed last come first.",
      method: "GET",
      path: "/failures",
      list: { query: ["task", "lane", "state", "class", "tenant", "since"], columns },
    },
    { name: "show", description: "Shows a group.", method: "GET", path: group },
    {
      name: "update",
      description: "Sets its state (open, acknowledged, resolved) and its note.",
      method: "PATCH",
      path: group,
      takesFields: true,
    },
  ];
  const examples = `  ${invocation()} failures list --state open\n  ${invocation()} failures update 9f86d081884c7d65 state=acknowledged note="their outage"`;
  return nounCommand("failures", "look at what fails, in groups", verbs, examples, io);
}

/** `posthorn endpoints …` */
export function endpointsCommand(io: Io): Command {
  const columns = ["endpoint_id", "uid", "url", "event_types", "status"];
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists a tenant's endpoints, newest first.",
      method: "GET",
      path: ENDPOINTS,
      list: { query: [], columns },
    },
    ...described(ENDPOINT, "an endpoint"),
    {
      name: "create",
      description: "Makes an endpoint, and its tenant, where there is none.",
      method: "POST",
      path: ENDPOINTS,
      takesFields: true,
    },
    {
      name: "secret",
      description: "Prints the secret that signs its deliveries.",
      method: "GET",
      path: `${ENDPOINT}/secret`,
    },
    {
      name: "rotate",
      description:
        "Signs with another secret from now on, and with the old one as well for 24 hours, or overlap=….",
      method: "POST",
      path: `${ENDPOINT}/secret/rotate`,
      takesFields: true,
    },
    {
      name: "pause",
      description:
        "Sends it nothing until it is resumed; events wait for it. queued=dropped cancels what waits.",
      method: "POST",
      path: `${ENDPOINT}/pause`,
      takesFields: true,
    },
    {
      name: "resume",
      description: "Sends what waited, a few deliveries first.",
      method: "POST",
      path: `${ENDPOINT}/resume`,
      takesFields: true,
    },
    {
      name: "disable",
      description:
        "Gives it no more events; what waits for it waits until it is enabled, or is dropped: queued=dropped.",
      method: "POST",
      path: `${ENDPOINT}/disable`,
      takesFields: true,
    },
    {
      name: "enable",
      description: "Gives it events again, and sends what waited.",
      method: "POST",
      path: `${ENDPOINT}/enable`,
      takesFields: true,
    },
    {
      name: "test",
      description: "Sends it an example event now, and prints what came back.",
      method: "POST",
      path: `${ENDPOINT}/test`,
      takesFields: true,
    },
    {
      name: "verify",
      description: "Asks it to show that it wants events.",
      method: "POST",
      path: `${ENDPOINT}/verify`,
      takesFields: true,
    },
    {
      name: "health",
      description: "Prints how it has been doing.",
      method: "GET",
      path: `${ENDPOINT}/health`,
    },
    {
      name: "replay",
      description:
        "Replays to it what failed since then, what it never got (what=missing), or all (what=all). A server's worker does it.",
      method: "POST",
      path: `${ENDPOINT}/replay`,
      takesFields: true,
    },
    {
      name: "history",
      description: "Prints its last changes, newest first.",
      method: "GET",
      path: `${ENDPOINT}/history`,
    },
  ];
  const examples =
    `  ${invocation()} endpoints create acme url=https://acme.example/hooks 'event_types=["invoice.*"]'\n` +
    `  ${invocation()} endpoints rotate acme ep_… overlap=1h\n` +
    `  ${invocation()} endpoints pause acme ep_… reason="their maintenance window"`;
  const summary = "look after where tenants get their events";
  return nounCommand("endpoints", summary, verbs, examples, io).addCommand(importEndpointsCommand(io));
}

/** `posthorn event-types …` */
export function eventTypesCommand(io: Io): Command {
  const columns = ["name", "description", "enforce", "is_archived"];
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists the event types, by name.",
      method: "GET",
      path: "/event-types",
      list: { query: ["with_archived"], columns },
    },
    ...described(EVENT_TYPE, "an event type"),
    {
      name: "create",
      description: "Registers an event type.",
      method: "POST",
      path: "/event-types",
      takesFields: true,
    },
  ];
  const examples = `  ${invocation()} event-types create name=invoice.paid enforce=warn 'schemas={"1":{"type":"object"}}'`;
  return nounCommand("event-types", "describe the types of events, and check them", verbs, examples, io);
}

/** `posthorn events …` */
export function eventsCommand(io: Io): Command {
  const columns = ["event_id", "type", "jobs", "created_at"];
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists the events, of all tenants or of one, newest first.",
      method: "GET",
      path: "/webhooks/events",
      list: { query: ["tenant", "type", "channel", "since", "until"], columns },
    },
    {
      name: "show",
      description: "Prints an event, and who does not get it, and why.",
      method: "GET",
      path: "/webhooks/events/{event}",
    },
    {
      name: "jobs",
      description: "Lists an event's deliveries.",
      method: "GET",
      path: "/webhooks/events/{event}/jobs",
      list: { query: [], columns: ["job_id", "endpoint_id", "status", "attempts", "error"] },
    },
    {
      name: "send",
      description: "Sends an event to the endpoints that want it. Workers deliver it.",
      method: "POST",
      path: "/webhooks/events",
      takesFields: true,
    },
  ];
  const examples =
    `  ${invocation()} events send tenant=acme type=invoice.paid 'payload={"id":42}'\n` +
    `  ${invocation()} events list --tenant acme`;
  return nounCommand("events", "send events, and look them up", verbs, examples, io);
}

/** `posthorn audit` */
export function auditCommand(io: Io): Command {
  const columns = ["at", "actor", "via", "action", "target", "tenant", "note"];
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists who changed what, newest first.",
      method: "GET",
      path: "/audit",
      list: { query: ["tenant", "target", "actor", "action", "after", "before"], columns },
    },
  ];
  const examples =
    `  ${invocation()} audit list --tenant acme\n` +
    `  ${invocation()} audit list --action endpoint.secret.show --after 2026-01-01`;
  return nounCommand("audit", "see who changed what", verbs, examples, io);
}

/** `posthorn bulk …` */
export function bulkCommand(io: Io): Command {
  const columns = ["id", "action", "state", "matched", "done", "pace", "created_at"];
  const move = (name: string, description: string): Verb => ({
    ...{ name, description, method: "POST", path: `${BULK_RUN}/${name}` },
  });
  const verbs: readonly Verb[] = [
    {
      name: "start",
      description:
        "Starts a bulk run: redeliver, rerun, run_now, cancel or replay, for all jobs that match, or erase, for a tenant's events. dry_run=true only says what it would do.",
      method: "POST",
      path: "/bulk",
      takesFields: true,
    },
    {
      name: "list",
      description: "Lists bulk runs, newest first.",
      method: "GET",
      path: "/bulk",
      list: { query: [], columns },
    },
    { name: "show", description: "Prints a bulk run.", method: "GET", path: BULK_RUN },
    {
      name: "update",
      description: "Changes its pace, while it runs.",
      method: "PATCH",
      path: BULK_RUN,
      takesFields: true,
    },
    move("stop", "Stops it: what it has queued goes on."),
    move("resume", "Goes on with one that was stopped, or that paused by itself."),
    move("take-back", "Undoes one that waits; of others, cancels what they queued and has not begun."),
  ];
  const examples =
    `  ${invocation()} bulk start action=redeliver 'filter={"class":"5xx","created_from":"6h"}' dry_run=true\n` +
    `  ${invocation()} bulk update qtask_… pace=5`;
  return nounCommand("bulk", "do one thing with all jobs that match", verbs, examples, io);
}

/** What can be done with one of them. */
function described(path: string, what: string): readonly Verb[] {
  return [
    { name: "show", description: `Prints ${what}.`, method: "GET", path },
    {
      name: "update",
      description: `Changes ${what}: what is not given stays, name=null clears.`,
      method: "PATCH",
      path,
      takesFields: true,
    },
    { name: "delete", description: `Deletes ${what}.`, method: "DELETE", path },
  ];
}
