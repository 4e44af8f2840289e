import type { Command } from "commander";
import type { Io } from "../terminal/io.ts";
import { importEndpointsCommand } from "./import/command.ts";
import { nounCommand, type Verb } from "./noun.ts";
import { at, described } from "./verbs.ts";

const ENDPOINTS = "/tenants/{tenant}/endpoints";
const ENDPOINT = `${ENDPOINTS}/{endpoint}`;
const FIELDS =
  "uid, description, event_types, channels, filter, metadata, headers, auth, egress, header_style, sends_event_type, timeout, retry, limits, verification";

const VERBS: readonly Verb[] = [
  {
    name: "list",
    description: "Lists a tenant's endpoints, newest first.",
    method: "GET",
    path: ENDPOINTS,
    list: { query: {}, columns: ["endpoint_id", "uid", "url", "event_types", "status"] },
  },
  ...described(ENDPOINT, "an endpoint", {
    fields: `url, ${FIELDS}`,
    meetsTargets: true,
  }),
  {
    name: "create",
    description: "Creates an endpoint, and its tenant if that does not exist.",
    method: "POST",
    path: ENDPOINTS,
    fields: `url (required), ${FIELDS}, secret, signature, status`,
    meetsTargets: true,
  },
  at(ENDPOINT, "secret", "Prints the secret that an endpoint's deliveries are signed with.", {
    method: "GET",
  }),
  at(
    `${ENDPOINT}/secret`,
    "rotate",
    "Signs with another secret from now on, and also with the old one for 24 hours, or overlap=….",
    { fields: "secret, overlap" },
  ),
  at(
    ENDPOINT,
    "pause",
    "Stops deliveries to an endpoint until it is resumed; its events wait. queued=dropped cancels what already waits.",
    { fields: "reason, queued" },
  ),
  at(ENDPOINT, "resume", "Resumes a paused endpoint and sends its waiting deliveries, a few at first.", {
    fields: "reason",
  }),
  at(
    ENDPOINT,
    "disable",
    "Stops deliveries and new events to an endpoint. What waits for it stays until it is enabled; queued=dropped cancels it.",
    { fields: "reason, queued" },
  ),
  at(
    ENDPOINT,
    "enable",
    "Enables a disabled endpoint: it gets events again, and its waiting deliveries are sent.",
    {
      fields: "reason",
    },
  ),
  at(ENDPOINT, "test", "Sends an endpoint an example event now, and prints its answer.", {
    fields: "type, payload",
    meetsTargets: true,
  }),
  at(ENDPOINT, "verify", "Asks an endpoint to confirm that it wants events (its verification).", {
    fields: "reason",
    meetsTargets: true,
  }),
  at(ENDPOINT, "health", "Prints an endpoint's breaker, failures and last successes.", { method: "GET" }),
  at(
    ENDPOINT,
    "replay",
    "Replays to an endpoint what failed since a time, what it never got (what=missing), or everything (what=all).",
    { fields: "since (required), until, what, pace, starts_in, note, dry_run" },
  ),
  at(ENDPOINT, "history", "Prints an endpoint's latest changes, newest first.", { method: "GET" }),
];

const EXAMPLES = [
  `endpoints create acme url=https://acme.example/hooks 'event_types=["invoice.*"]'`,
  "endpoints rotate acme ep_… overlap=1h",
  'endpoints pause acme ep_… reason="their maintenance window"',
];

/** `posthorn endpoints …` */
export function endpointsCommand(io: Io): Command {
  const summary = "manage the URLs that tenants receive events at";
  return nounCommand("endpoints", summary, VERBS, EXAMPLES, io).addCommand(importEndpointsCommand(io));
}
