import { Command, InvalidArgumentError, Option } from "commander";
import { isId } from "../../core/id.ts";
import { JOB_STATUSES } from "../../core/job.ts";
import { ATTEMPT_CLASSES } from "../../core/outcome.ts";
import { MOST_IDS } from "../../engine/job-conditions.ts";
import { WAITING } from "../../store/job-records.ts";
import { invocation } from "../terminal/invocation.ts";
import type { GlobalOptions, Io } from "../terminal/io.ts";
import {
  commaSeparated,
  duration,
  momentGiven,
  oneOf,
  severalOf,
  sought,
  webUrl,
  wholeNumber,
} from "../terminal/values.ts";
import { cancelJob } from "./cancel.ts";
import { exportJobs } from "./export.ts";
import { type FilteredJobsOptions, type ListJobsOptions, listJobs } from "./list.ts";
import { type CountedAs, type RerunJobsOptions, rerunJobs } from "./rerun.ts";
import { showJob } from "./show.ts";

/** `posthorn jobs …` */
export function jobsCommand(io: Io): Command {
  return new Command("jobs")
    .summary("look up, rerun and cancel jobs")
    .description("Works on the database directly, whether or not a server is running.")
    .addCommand(listSubcommand(io))
    .addCommand(exportSubcommand(io))
    .addCommand(
      new Command("show")
        .description("Shows a job and all its attempts.")
        .argument("<id>", "job_…")
        .action((id: string, _: unknown, command: Command) =>
          showJob(id, command.optsWithGlobals<GlobalOptions>(), io),
        ),
    )
    .addCommand(rerunSubcommand("rerun", "rerun", io).alias("redeliver"))
    .addCommand(rerunSubcommand("retry", "retried", io), { hidden: true })
    .addCommand(
      new Command("cancel")
        .description("Ends a queued or running job. It cannot undo what the handler has already done.")
        .argument("<id>", "job_…")
        .action((id: string, _: unknown, command: Command) =>
          cancelJob(id, command.optsWithGlobals<GlobalOptions>(), io),
        ),
    );
}

function listSubcommand(io: Io): Command {
  return withListFilter(new Command("list").description("Lists jobs, newest first."))
    .addOption(
      new Option("--limit <number>", "maximum number of jobs to show, 1 to 200")
        .argParser(takes(wholeNumber(1, 200)))
        .default(50),
    )
    .option("--cursor <id>", "continue after this job, the last of the previous page")
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} jobs list --status failed
  ${invocation()} jobs list --task send-receipt --status failed,cancelled
  ${invocation()} jobs list --tenant acme --class 5xx --attempts-from 3
  ${invocation()} jobs list --target https://example.com/hook --created-from 2026-01-31
  ${invocation()} jobs list --text '$.order_id = 42'
  ${invocation()} jobs list --status failed --json`,
    )
    .action((_: unknown, self: Command) => listJobs(self.optsWithGlobals<ListJobsOptions>(), io));
}

function exportSubcommand(io: Io): Command {
  return withListFilter(
    new Command("export").description(
      "Prints jobs, newest first, one line of JSON each, with everything that jobs list --json shows. The audit records it.",
    ),
  )
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} jobs export --status failed --created-from 2026-01-31 > failed.ndjson
  ${invocation()} jobs export --task send-receipt > receipts.ndjson`,
    )
    .action((_: unknown, self: Command) => exportJobs(self.optsWithGlobals<FilteredJobsOptions>(), io));
}

/** All that a list may be filtered by. */
function withListFilter(command: Command): Command {
  command.addOption(
    new Option("--status <status>", `${JOB_STATUSES.join(", ")}; or several, separated by commas`).argParser(
      takes(severalOf(...JOB_STATUSES)),
    ),
  );
  return withFilter(command)
    .option("--tenant <name>", "of this tenant: its uid or id")
    .option("--endpoint <name>", "deliveries to this endpoint of the tenant: its uid or id")
    .option("--event <id>", "deliveries of this event: msg_…")
    .option("--tag <tag>", "with this tag, or of an event with it")
    .option("--group <id>", "of this group")
    .option("--key <key>", "with this key")
    .option("--bulk <id>", "created, re-queued, made due or cancelled by this bulk run: qtask_…")
    .option("--trigger <trigger>", "manual: created by redelivering or replaying an event")
    .option("--fingerprint <fingerprint>", "whose last attempt failed with this fingerprint")
    .addOption(
      new Option(
        "--class <class>",
        `whose last attempt has this class: ${ATTEMPT_CLASSES.join(", ")}`,
      ).argParser(takes(oneOf(...ATTEMPT_CLASSES))),
    )
    .addOption(
      new Option("--attempts-from <number>", "with at least this many attempts").argParser(
        takes(wholeNumber(0, 1_000_000)),
      ),
    )
    .addOption(
      new Option(
        "--duration-from <duration>",
        "whose last completed attempt took at least this long, or that have been running for as long",
      ).argParser(takes(duration)),
    )
    .addOption(
      new Option("--ids <ids>", `with these ids, separated by commas: at most ${MOST_IDS}`).argParser(
        takes(jobIds),
      ),
    )
    .addOption(
      new Option(
        "--text <string>",
        "whose payload or input, result or error holds this string, or has a value at a path: '$.data.id = 42'",
      ).argParser(takes(sought)),
    )
    .addOption(new Option("--finished-from <time>", "ended at or after").argParser(takes(momentGiven)))
    .addOption(new Option("--finished-before <time>", "ended before").argParser(takes(momentGiven)))
    .addOption(new Option("--due-from <time>", "queued, and due at or after").argParser(takes(momentGiven)))
    .addOption(
      new Option(
        "--waiting <for>",
        "queued, and ready for a worker, scheduled for later, or held up",
      ).argParser(takes(oneOf(...WAITING))),
    )
    .addOption(new Option("--due-before <time>", "queued, and due before").argParser(takes(momentGiven)));
}

function jobIds(text: string): string[] {
  const ids = commaSeparated(text);
  if (ids.length > 0 && ids.length <= MOST_IDS && ids.every((id) => isId("job", id))) return ids;
  throw new InvalidArgumentError(`It takes 1 to ${MOST_IDS} ids of jobs, job_…, separated by commas.`);
}

/** Formerly `retry`, which still works. */
function rerunSubcommand(name: "rerun" | "retry", countedAs: CountedAs, io: Io): Command {
  const command = new Command(name)
    .description(
      "Re-queues a failed or cancelled job with its full number of attempts, or makes a delayed one due now. Without an id, does so with every matching job of one task: webhook.deliver, unless --task names another.",
    )
    .argument("[id]", "job_…; leave it out to select by filter")
    .addOption(
      new Option("--status <status>", "failed (the default with another filter) or cancelled").argParser(
        takes(oneOf("failed", "cancelled")),
      ),
    );
  return withFilter(command)
    .addHelpText(
      "after",
      `
Examples:
  ${invocation()} jobs rerun job_01k9x2v6e3f8r0a1b2c3d4e5f6
  ${invocation()} jobs rerun --status failed --task send-receipt
  ${invocation()} jobs redeliver --status failed --target https://example.com/hook
  ${invocation()} jobs redeliver --status failed --created-from 2026-01-31T09:00:00Z`,
    )
    .action((id: string | undefined, _: unknown, self: Command) =>
      rerunJobs(id, self.optsWithGlobals<RerunJobsOptions>(), io, countedAs),
    );
}

function withFilter(command: Command): Command {
  return command
    .option("--task <name>", "jobs of this task")
    .addOption(
      new Option("--target <url>", "deliveries to this URL, ignoring its query string").argParser(
        takes(webUrl),
      ),
    )
    .addOption(new Option("--created-from <time>", "created at or after").argParser(takes(momentGiven)))
    .addOption(new Option("--created-before <time>", "created before").argParser(takes(momentGiven)));
}

/** Commander also passes the previous value, for flags that are given several times. */
function takes<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => parse(text);
}
