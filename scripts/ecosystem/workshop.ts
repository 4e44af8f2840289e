import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { emptyPackage, npm } from "../packed.ts";
import { run, start } from "../processes.ts";

const FIXTURES = join(import.meta.dirname, "../../test/ecosystem");
const timeoutMs = 600_000;

/** One thing that the package is tried with. */
export interface Cell {
  readonly area: "Frameworks" | "Bundlers" | "TypeScript" | "Runtimes" | "Package managers";
  readonly name: string;
  /** Fails, or gives what was tried, for the table. */
  try(workshop: Workshop): Promise<string>;
}

/** A project of its own in an empty folder, with Posthorn installed from its tarball. */
export class Workshop {
  readonly folder: string;
  readonly #tarball: string;
  #env: NodeJS.ProcessEnv = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };

  constructor(folder: string, tarball: string) {
    this.folder = folder;
    this.#tarball = tarball;
  }

  /**
   * Copies a fixture and installs what it needs; a peer dependency that does not fit is an error.
   * @param type null for a package.json that does not say it.
   * @param runsScripts for packages whose install script brings a binary.
   */
  async set(
    fixture: string,
    packages: readonly string[],
    {
      type = "module",
      runsScripts = false,
    }: { type?: "module" | "commonjs" | null; runsScripts?: boolean } = {},
  ): Promise<void> {
    await this.fill(fixture, type);
    const scripts = runsScripts ? ["--dangerously-allow-all-scripts"] : [];
    const args = ["install", "--strict-peer-deps", ...scripts, this.#tarball, ...packages];
    await npm(args, this.folder, this.#env);
    this.#env = {
      ...this.#env,
      PATH: [join(this.folder, "node_modules/.bin"), process.env.PATH].join(delimiter),
    };
  }

  /** Copies a fixture and installs nothing; gives the tarball's path, for another package manager than npm. */
  async fill(fixture: string, type: "module" | "commonjs" | null = "module"): Promise<string> {
    await emptyPackage(this.folder);
    await writeFile(
      join(this.folder, "package.json"),
      JSON.stringify({ private: true, ...(type && { type }) }),
    );
    await cp(join(FIXTURES, fixture), this.folder, { recursive: true });
    return this.#tarball;
  }

  /** Uses another Node, from the npm registry, for all that runs from here on. */
  async useNode(version: string): Promise<string> {
    await this.bring(`node@${version}`);
    return (await this.run("node", ["--version"])).trim().slice(1);
  }

  /** Installs a package in a folder of its own, and puts its commands before all others from here on. */
  async bring(name: string): Promise<void> {
    const folder = await emptyPackage(join(this.folder, "brought"));
    await npm(["install", "--dangerously-allow-all-scripts", name], folder, process.env);
    this.#env = { ...this.#env, PATH: [join(folder, "node_modules/.bin"), this.#env.PATH].join(delimiter) };
  }

  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    return run(command, args, { cwd: this.folder, env: { ...this.#env, ...env }, timeoutMs });
  }

  /** Runs a program whose last word is "ok". */
  async ok(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
    for (const end of ["", "-wal", "-shm", ".key"])
      await rm(join(this.folder, `trial.db${end}`), { force: true });
    const said = await this.run(command, args, env);
    assert.match(said, /^ok$/m, said);
  }

  start(command: string, args: readonly string[]) {
    return start(command, args, { cwd: this.folder, env: this.#env });
  }

  async version(name: string): Promise<string> {
    const text = await readFile(join(this.folder, "node_modules", name, "package.json"), "utf8");
    return (JSON.parse(text) as { readonly version: string }).version; // npm wrote it
  }

  url(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }
}
