/** The package as its users get it: packed, and installed from the tarball. */
import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./processes.ts";

const installTimeoutMs = 600_000;

/** Makes the package's tarball in a folder of its own; its path. */
export async function pack(root: string, folder: string): Promise<string> {
  await mkdir(folder);
  await npm(["pack", "--pack-destination", folder], root, process.env);
  const [name = "nothing"] = await readdir(folder);
  assert.match(name, /\.tgz$/);
  return join(folder, name);
}

/** A folder with a package of no name in it. */
export async function emptyPackage(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "private": true }\n');
  return folder;
}

/** Runs npm to its end. */
export async function npm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  // `npm run smoke` tells its children which project they belong to. These belong to another.
  const own = Object.entries(env).filter(
    ([name]) => !/^npm_(?:package_|lifecycle_|config_local_prefix)/.test(name),
  );
  const quiet = ["--no-audit", "--no-fund"];
  await run("npm", [...args.slice(0, 1), ...quiet, ...args.slice(1)], {
    cwd,
    env: Object.fromEntries(own),
    timeoutMs: installTimeoutMs,
  });
}
