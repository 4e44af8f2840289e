import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { postgresMissing } from "../services/postgres.ts";
import { redisMissing } from "../services/redis.ts";
import { VENVS } from "./python-peers.ts";
import type { System } from "./system.ts";

const PEERS = join(import.meta.dirname, "../peers");

/**
 * What a system needs and does not have, in words that say how to get it; undefined when it can run. Builds the product, and
 * installs packages, into bench/peers only.
 */
export async function missing(system: System): Promise<string | undefined> {
  const service =
    system.service === "postgres" ? await postgresMissing() : system.service ? redisMissing() : undefined;
  if (service !== undefined) return service;
  try {
    if (system.checkout !== undefined) buildProduct(system.checkout);
    if (system.packages === "node") installNodePackages();
    if (system.packages === "python") installPythonPackages("requirements.txt", VENVS.python);
    if (system.packages === "celery") installPythonPackages("requirements-celery.txt", VENVS.celery);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const built = new Set<string>();

/** What is measured is what the package holds, as it stands in src/ now. */
function buildProduct(checkout: string): void {
  if (built.has(checkout)) return;
  run(process.execPath, [join(checkout, "scripts/build.ts")]);
  built.add(checkout);
}

function installNodePackages(): void {
  const manifest = join(PEERS, "package.json");
  unlessInstalled(manifest, join(PEERS, "node_modules/.installed"), () =>
    run("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]),
  );
}

function installPythonPackages(list: string, venv: string): void {
  const requirements = join(PEERS, list);
  unlessInstalled(requirements, join(venv, "installed"), () => {
    if (!existsSync(venv)) run("python3", ["-m", "venv", venv]);
    run(join(venv, "bin/pip"), ["install", "--quiet", "--requirement", requirements]);
  });
}

/** @param mark a copy of the list that was installed last. */
function unlessInstalled(list: string, mark: string, install: () => void): void {
  const wanted = readFileSync(list, "utf8");
  if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
  console.error(`installing what ${list} names`);
  install();
  writeFileSync(mark, wanted);
}

function run(file: string, args: readonly string[]): void {
  try {
    execFileSync(file, args, { cwd: PEERS, stdio: ["ignore", "ignore", "inherit"] });
  } catch (cause) {
    throw new Error(`${file} ${args.join(" ")} failed`, { cause });
  }
}
