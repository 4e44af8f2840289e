import { parseArgs } from "node:util";

export interface Options {
  readonly peers: boolean;
  readonly list: boolean;
  readonly json: boolean;
  readonly scenarios: readonly string[] | undefined;
  readonly systems: readonly string[] | undefined;
  readonly seconds: number;
  /** For how many seconds each system is loaded before it is measured. */
  readonly warmUpSeconds: number;
  readonly rounds: number;
  readonly targets: number | undefined;
  readonly connections: number | undefined;
  readonly backlog: number;
  readonly history: number;
  readonly hung: number;
  readonly snapshotSeconds: number;
  readonly idleSeconds: number;
  readonly jobs: number;
  readonly drainSeconds: number;
  /** Another checkout of the project, whose Posthorn is measured in turns with this one. */
  readonly against: string | undefined;
  /** The two are loaded at the same time, not in turns. */
  readonly sideBySide: boolean;
  /** Where results go. */
  readonly out: string | undefined;
}

export const USAGE = `npm run bench                      Posthorn next to its ceiling, about a minute
npm run bench -- --peers           next to all the others too, about ten minutes
npm run bench -- --list            what can be chosen
npm run bench -- --scenario saturation,steady --system posthorn-sqlite,bullmq

  --seconds N        of each load (5)         --rounds N         everything so often (2; with --peers 1)
  --warm-up N        seconds before it (1)
  --targets N        endpoints (1)            --connections N    requests at once (64)
  --backlog N        (1000000)                --history N        (10000000)
  --hung N           (100000)                 --jobs N           of the scenario "task" (20000)
  --idle-seconds N   (60)                     --snapshot-seconds N (600)
  --against FOLDER   another checkout, with its packages installed: its Posthorn takes turns with this one
  --side-by-side     with --against: the two are loaded at the same time, each with its own receiver and database
  --drain-seconds N  to wait for what was accepted (180)
  --out FOLDER       for results.json and charts (bench/results/TIME)
  --json             on standard output as well`;

export function readOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      peers: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      scenario: { type: "string" },
      system: { type: "string" },
      seconds: { type: "string", default: "5" },
      "warm-up": { type: "string", default: "1" },
      rounds: { type: "string" },
      targets: { type: "string" },
      connections: { type: "string" },
      backlog: { type: "string", default: "1000000" },
      history: { type: "string", default: "10000000" },
      hung: { type: "string", default: "100000" },
      "snapshot-seconds": { type: "string", default: "600" },
      "idle-seconds": { type: "string", default: "60" },
      jobs: { type: "string", default: "20000" },
      "drain-seconds": { type: "string", default: "180" },
      against: { type: "string" },
      "side-by-side": { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  if (values["side-by-side"] && values.against === undefined)
    throw new Error("--side-by-side is for two checkouts; name the other with --against");
  return {
    peers: values.peers,
    list: values.list,
    json: values.json,
    scenarios: values.scenario?.split(","),
    systems: values.system?.split(","),
    seconds: positive("seconds", values.seconds),
    warmUpSeconds: positive("warm-up", values["warm-up"]),
    rounds: positive("rounds", values.rounds ?? (values.peers || values.scenario ? "1" : "2")),
    targets: values.targets === undefined ? undefined : positive("targets", values.targets),
    connections: values.connections === undefined ? undefined : positive("connections", values.connections),
    backlog: positive("backlog", values.backlog),
    history: positive("history", values.history),
    hung: positive("hung", values.hung),
    snapshotSeconds: positive("snapshot-seconds", values["snapshot-seconds"]),
    idleSeconds: positive("idle-seconds", values["idle-seconds"]),
    jobs: positive("jobs", values.jobs),
    drainSeconds: positive("drain-seconds", values["drain-seconds"]),
    against: values.against,
    sideBySide: values["side-by-side"],
    out: values.out,
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`--${name} is "${text}"; it takes a number above 0`);
}
