import type { Command } from "../machine/launched.ts";
import type { ServiceName } from "../services/service.ts";

/** Something that does the main job: takes a POST, keeps the job, delivers it, records the end. */
export interface System {
  readonly name: string;
  readonly title: string;
  readonly group: "posthorn" | "ceiling" | "peer";
  /** What its 202 is worth: what a crash of the process or a power cut may lose. */
  readonly durability: string;
  /** The database server that it is given, new and empty. */
  readonly service?: ServiceName;
  /** What it needs that the project's own `npm install` does not bring. */
  readonly packages?: "node" | "python" | "celery";
  /** The first takes the requests, and its `ready` finds its URL; all the others start after it. */
  readonly commands: (place: Place) => readonly Command[];
  /** What `--database` of Posthorn takes: the job store can be filled, and counted, through its own API. */
  readonly store?: (place: Place) => string;
  /** Enqueues and runs jobs that do nothing, without HTTP, and prints a `TaskReport`. */
  readonly task?: (place: Place, jobs: number) => Command;
  /** Of the project: where it is built, and run from. */
  readonly checkout?: string;
  /** It can be run by several workers next to one server. */
  readonly hasWorkers?: boolean;
}

export interface Place {
  /** For its files; new and empty. */
  readonly folder: string;
  /** Of its service; empty without one. */
  readonly serviceUrl: string;
  /** Worker processes next to a server that runs no jobs; 0: the server works as well. */
  readonly workers: number;
}
