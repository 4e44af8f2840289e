import type { Context } from "hono";
import type { z } from "zod";
import type { Clock } from "../core/clock.ts";
import type { Doctor } from "../engine/doctor/doctor.ts";
import type { StatReports } from "../engine/statistics/report.ts";
import type { MetricsText } from "../observe/metrics/metrics-text.ts";
import type { RebuiltRequests } from "../webhooks/rebuilt-requests.ts";
import type { EventRates } from "./access/event-rates.ts";
import type { AccessRule, Caller } from "./access/permission.ts";
import type { Facade } from "./facade.ts";
import type { BackupDownloads } from "./live/backup-downloads.ts";
import type { JobEvents } from "./live/job-events.ts";
import type { JobExports } from "./live/job-exports.ts";
import type { StatStream } from "./live/stat-stream.ts";
import type { Waits } from "./live/waits.ts";
import type { Logo } from "./pages/logo.ts";
import type { RedactedAnswers } from "./redaction/redacted-answers.ts";
import type { BodyReader } from "./request/body.ts";

/** One operation of the API: what runs, who may call it, and its description. */
export interface Route extends AccessRule {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As OpenAPI writes it: `/jobs/{job_id}`. */
  readonly path: string;
  readonly operation: Operation;
  /** Whether its 202 says that work which came with the request is on disk. */
  readonly accepts?: true;
  handle(c: Context, caller: Caller): Response | Promise<Response>;
}

/** What /openapi.json says of a route. */
export interface Operation {
  /** Stable: clients are generated with it as a name. */
  readonly id: string;
  readonly tag:
    | "Tasks"
    | "Jobs"
    | "Schedules"
    | "Webhooks"
    | "Events"
    | "Tenants"
    | "Bulk runs"
    | "Failures"
    | "Server";
  readonly summary: string;
  /** Another operation does the same; this one stays for those who use it. */
  readonly deprecated?: true;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly examples: Readonly<Record<string, unknown>> };
  readonly answers: Readonly<Record<number, Answer>>;
  /** The statuses it may answer with a problem, besides those of every route. */
  readonly problems: readonly number[];
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "header";
  readonly description: string;
  readonly example?: string;
  /** JSON Schema of its value, besides that it is a string. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly description: string;
  /** Default JSON; null for an answer without a body. */
  readonly type?: string | null;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** Name to description. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What routes are made from. */
export interface Services {
  readonly posthorn: Facade;
  readonly waits: Waits;
  readonly events: JobEvents;
  readonly clock: Clock;
  readonly bodies: BodyReader;
  readonly rates: EventRates;
  metrics(): MetricsText;
  doctor(): Doctor;
  requests(): RebuiltRequests;
  /** Whether the request could do that as well, with the key that it holds. */
  admits(c: Context, rule: AccessRule): Promise<boolean>;
  statistics(): StatReports;
  readonly statStream: StatStream;
  readonly exports: JobExports;
  readonly backups: BackupDownloads;
  readonly redacted: RedactedAnswers;
  /** Which pages may show the portal in a frame, by their origins. */
  readonly portalOrigins: readonly string[];
  /** What the portal shows above its pages. */
  readonly portalLogo: Logo | undefined;
  /** Where browsers reach this API, without a slash at the end. */
  publicUrl(c: Context): string;
}
