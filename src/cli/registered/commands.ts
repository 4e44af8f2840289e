import type { Command } from "commander";
import type { Io } from "../terminal/io.ts";
import { nounCommand, type Verb } from "./noun.ts";
import { at, described } from "./verbs.ts";

const TENANT = "/tenants/{tenant}";
const BULK_RUN = "/bulk/{bulk_run}";
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
      list: { query: { mode: "tenants of this mode: live or test" }, columns },
    },
    ...described(TENANT, "a tenant", { fields: "uid, name, metadata, limits" }),
    {
      name: "create",
      description: "Creates a tenant.",
      method: "POST",
      path: "/tenants",
      fields: "uid, name, metadata, limits, mode",
    },
    at(
      TENANT,
      "erase",
      "Deletes a tenant and permanently erases everything about it: events, receivers' answers, endpoints with their secrets, keys. dry_run=true says how much there is, dry_run=false erases it.",
      { fields: "dry_run (required)" },
    ),
  ];
  const examples = ['tenants create uid=acme name="Acme Ltd"', "tenants list"];
  return nounCommand("tenants", "manage the customers that receive events", verbs, examples, io);
}

/** `posthorn failures …` */
export function failuresCommand(io: Io): Command {
  const columns = ["fingerprint", "n", "state", "task", "lane", "class", "last_at", "sample"];
  const group = "/failures/{fingerprint}";
  const verbs: readonly Verb[] = [
    {
      name: "list",
      description: "Lists groups of similar failures, the latest failure first.",
      method: "GET",
      path: "/failures",
      list: {
        query: {
          task: "failures of this task",
          lane: "failures in this lane",
          state: "open, acknowledged or resolved",
          class: "the class of the errors: 5xx, timeout, connect, error, …",
          tenant: "failures of this tenant's deliveries: its uid or id",
          since: "that failed at or after this time",
          first_since: "that failed for the first time at or after this time",
          text: "whose error contains this",
        },
        columns,
      },
    },
    { name: "show", description: "Prints a group.", method: "GET", path: group },
    {
      name: "update",
      description: "Sets a group's state (open, acknowledged, resolved) and its note.",
      method: "PATCH",
      path: group,
      fields: "state, note",
    },
  ];
  const examples = [
    "failures list --state open",
    'failures update 9f86d081884c7d65 state=acknowledged note="their outage"',
  ];
  return nounCommand("failures", "look at failures, in groups of similar ones", verbs, examples, io);
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
      list: { query: { with_archived: "true: archived ones, too" }, columns },
    },
    ...described(EVENT_TYPE, "an event type", {
      fields: "description, schemas, enforce, is_archived, is_deprecated, feature_flags, group_name",
    }),
    {
      name: "create",
      description: "Registers an event type.",
      method: "POST",
      path: "/event-types",
      fields:
        "name (required), description, schemas, enforce, is_archived, is_deprecated, feature_flags, group_name",
    },
  ];
  const examples = [`event-types create name=invoice.paid enforce=warn 'schemas={"1":{"type":"object"}}'`];
  return nounCommand("event-types", "register event types and their schemas", verbs, examples, io);
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
      list: {
        query: {
          tenant: "events of this tenant: its uid or id",
          type: "events of this type",
          channel: "events in this channel",
          since: "accepted at or after this time",
          until: "accepted before this time",
        },
        columns,
      },
    },
    {
      name: "show",
      description: "Prints an event, and which endpoints do not get it, and why.",
      method: "GET",
      path: "/webhooks/events/{event}",
    },
    {
      name: "jobs",
      description: "Lists an event's deliveries.",
      method: "GET",
      path: "/webhooks/events/{event}/jobs",
      list: { query: {}, columns: ["job_id", "endpoint_id", "status", "attempts", "error"] },
    },
    {
      name: "send",
      description: "Sends an event to the endpoints that want it. Workers deliver it.",
      method: "POST",
      path: "/webhooks/events",
      fields:
        "tenant (required), type (required), payload, payload_base64, content_type, event_id, channels, tags, headers, run_at, delay",
    },
  ];
  const examples = [
    `events send tenant=acme type=invoice.paid 'payload={"id":42}'`,
    "events list --tenant acme",
  ];
  return nounCommand("events", "send events and look them up", verbs, examples, io);
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
      list: {
        query: {
          tenant: "changes to what belongs to this tenant: its uid or id",
          target: "changes to this: an id or a name",
          actor: "changes by this actor: a name, or a key's id",
          action: "such as endpoint.update",
          after: "made at or after this time",
          before: "made before this time",
        },
        columns,
      },
    },
  ];
  const examples = [
    "audit list --tenant acme",
    "audit list --action endpoint.secret.show --after 2026-01-01",
  ];
  return nounCommand("audit", "see who changed what", verbs, examples, io);
}

/** `posthorn bulk …` */
export function bulkCommand(io: Io): Command {
  const columns = ["id", "action", "state", "matched", "done", "pace", "created_at"];
  const verbs: readonly Verb[] = [
    {
      name: "start",
      description:
        "Starts a bulk run: redeliver, rerun, run_now, cancel or replay all jobs that match a filter, or erase the payloads of a tenant's events. dry_run=true only says what it would do.",
      method: "POST",
      path: "/bulk",
      fields: "action (required), filter (required), what, pace, starts_in, note, dry_run",
    },
    {
      name: "list",
      description: "Lists bulk runs, newest first.",
      method: "GET",
      path: "/bulk",
      list: {
        query: {
          state: "waiting, running, paused, stopped, taking_back, taken_back or done",
          action: "redeliver, rerun, run_now, cancel, replay or erase",
          tenant: "limited to this tenant: its uid or id",
          actor: "started by this key or person",
        },
        columns,
      },
    },
    { name: "show", description: "Prints a bulk run.", method: "GET", path: BULK_RUN },
    {
      name: "update",
      description: "Changes the pace of a bulk run.",
      method: "PATCH",
      path: BULK_RUN,
      fields: "pace (required)",
    },
    at(BULK_RUN, "stop", "Stops a bulk run: nothing more is queued. Jobs that it has queued still run."),
    at(BULK_RUN, "resume", "Continues a bulk run that was stopped, or that paused by itself."),
    at(
      BULK_RUN,
      "take-back",
      "Undoes a bulk run that has not started; of another, cancels the jobs that it queued and that have not started.",
    ),
  ];
  const examples = [
    `bulk start action=redeliver 'filter={"class":"5xx","created_from":"6h"}' dry_run=true`,
    "bulk update qtask_… pace=5",
  ];
  return nounCommand("bulk", "apply one action to all jobs that match a filter", verbs, examples, io);
}
