import type { Clock } from "../../core/clock.ts";
import { statisticsOf } from "../../engine/statistics/report.ts";
import { instrumentOf } from "../../observe/instrument.ts";
import { storeOf } from "../../store/store-of.ts";
import type { Facade } from "../facade.ts";
import { BackupDownloads } from "./backup-downloads.ts";
import { JobEvents } from "./job-events.ts";
import { JobExports } from "./job-exports.ts";
import { StatStream } from "./stat-stream.ts";
import { Waits } from "./waits.ts";

/** Answers that take as long as there is something to say. */
export class Live {
  readonly waits: Waits;
  readonly events: JobEvents;
  readonly statStream: StatStream;
  readonly exports: JobExports;
  readonly backups: BackupDownloads;

  constructor(posthorn: Facade, clock: Clock, maxStreams: number) {
    const instrument = instrumentOf(posthorn);
    this.waits = new Waits(posthorn.jobs);
    this.events = new JobEvents(posthorn.jobs, clock, maxStreams, instrument);
    this.statStream = new StatStream(() => statisticsOf(posthorn), instrument);
    this.exports = new JobExports(posthorn.jobs, clock);
    this.backups = new BackupDownloads(() => storeOf(posthorn).backups, clock);
  }

  stop(): void {
    this.waits.stop();
    this.events.stop();
    this.statStream.stop();
    this.exports.stop();
    this.backups.stop();
  }
}
