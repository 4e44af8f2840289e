import { firstIdAt } from "./id.ts";

/**
 * The id of an attempt is computed from its record (its start, its job and its number), so it need not be stored. 10 characters are the
 * start time, as in every id; 15 are the part of the job's id that is unique to it: the lower 40 bits of its creation time, and what
 * follows; the last one is the number modulo 32. These ids sort by when the attempts started.
 */
const PREFIX = "atmpt_";
const MOMENT_LENGTH = 10;
/** Of the job's id, behind its prefix. */
const JOB_FROM = 2;
const JOB_TO = 18;
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const FORM = new RegExp(`^${PREFIX}[${DIGITS}]{${MOMENT_LENGTH + JOB_TO - JOB_FROM + 1}}$`);

export interface AttemptPlace {
  readonly jobId: string;
  /** 1 for the first. */
  readonly n: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface AttemptIdParts {
  readonly startedAt: number;
  /** What its job's id begins with. */
  readonly jobIdStart: string;
  readonly nModulo32: number;
}

export function attemptIdOf({ jobId, n, startedAt }: AttemptPlace): string {
  const job = jobId.slice("job_".length);
  return `${PREFIX}${moment(startedAt)}${job.slice(JOB_FROM, JOB_TO)}${DIGITS.charAt(n % 32)}`;
}

/** The smallest id of an attempt that began then. */
export function firstAttemptIdAt(ms: number): string {
  return `${PREFIX}${moment(ms)}${DIGITS.charAt(0).repeat(JOB_TO - JOB_FROM + 1)}`;
}

/**
 * Undefined if it does not have the form of an attempt's id. A job made before a moment at which the lower 40 bits of time begin again (the
 * next one is in 2039), and run after it, is not found.
 */
export function readAttemptId(id: string): AttemptIdParts | undefined {
  if (typeof id !== "string" || !FORM.test(id)) return undefined;
  const parts = id.slice(PREFIX.length);
  const startedAt = parts.slice(0, MOMENT_LENGTH);
  return {
    startedAt: [...startedAt].reduce((ms, digit) => ms * 32 + DIGITS.indexOf(digit), 0),
    jobIdStart: `job_${startedAt.slice(0, JOB_FROM)}${parts.slice(MOMENT_LENGTH, -1)}`,
    nModulo32: DIGITS.indexOf(parts.slice(-1)),
  };
}

/** Whether the attempt may be the one with this id. */
export function isNamed(parts: AttemptIdParts, { jobId, n, startedAt }: AttemptPlace): boolean {
  return startedAt === parts.startedAt && n % 32 === parts.nModulo32 && jobId.startsWith(parts.jobIdStart);
}

function moment(ms: number): string {
  return firstIdAt("job", ms).slice("job_".length, "job_".length + MOMENT_LENGTH);
}
