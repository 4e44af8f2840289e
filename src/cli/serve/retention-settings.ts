import { withoutUndefined } from "../../core/without-undefined.ts";
import { Setting } from "../terminal/setting.ts";
import { byteSize, duration } from "../terminal/values.ts";

/** How long finished jobs and the audit are kept, and how much of them. */
export interface RetentionSettings {
  readonly retainJobs: number;
  readonly retainSucceeded?: number;
  readonly retainFailed?: number;
  readonly retainAudit?: number;
  readonly retainSize?: number;
  readonly retainSucceededSize?: number;
  readonly retainFailedSize?: number;
}

/** How long finished jobs are kept. @param note what the help says besides. */
export function retainJobsSetting(note = ""): Setting {
  const what = `how long finished jobs are kept${note}`;
  return new Setting("--retain-jobs <duration>", "POSTHORN_RETAIN_JOBS", what).takes(duration);
}

/** The ones that the doctor judges a database by, too. */
export function jobRetentionSettings(retainJobs = retainJobsSetting().takes(duration, "30d")): Setting[] {
  return [
    retainJobs,
    new Setting(
      "--retain-succeeded <duration>",
      "POSTHORN_RETAIN_SUCCEEDED",
      "how long succeeded jobs are kept (default: same as --retain-jobs)",
    ).takes(duration),
    new Setting(
      "--retain-failed <duration>",
      "POSTHORN_RETAIN_FAILED",
      "how long failed and cancelled jobs are kept (default: same as --retain-jobs)",
    ).takes(duration),
    new Setting(
      "--retain-size <size>",
      "POSTHORN_RETAIN_SIZE",
      "delete the oldest finished jobs early when a SQLite file exceeds this, such as 20GiB (default: no limit)",
    ).takes(byteSize),
  ];
}

/** @param retainJobs default: thirty days. */
export function retentionSettings(retainJobs?: Setting): Setting[] {
  return [
    ...jobRetentionSettings(retainJobs),
    new Setting(
      "--retain-succeeded-size <size>",
      "POSTHORN_RETAIN_SUCCEEDED_SIZE",
      "delete the oldest succeeded jobs early when they hold more than this, such as 5GiB (default: by age alone)",
    ).takes(byteSize),
    new Setting(
      "--retain-failed-size <size>",
      "POSTHORN_RETAIN_FAILED_SIZE",
      "delete the oldest failed and cancelled jobs early when they hold more than this (default: by age alone)",
    ).takes(byteSize),
    new Setting(
      "--retain-audit <duration>",
      "POSTHORN_RETAIN_AUDIT",
      "how long entries of the audit are kept (default: 400d)",
    ).takes(duration),
  ];
}

/** The same by the library's names. */
export function retentionOf(settings: RetentionSettings) {
  const { retainJobs, retainSucceeded, retainFailed, retainAudit } = settings;
  return withoutUndefined({
    ...{ retainJobs, retainSucceeded, retainFailed, retainAudit },
    retainBytes: settings.retainSize,
    retainSucceededBytes: settings.retainSucceededSize,
    retainFailedBytes: settings.retainFailedSize,
  });
}
