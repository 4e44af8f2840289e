/**
 * The test kit under the runners that people use, in a package of their own: node:test, Vitest and Jest from the npm registry, with
 * Posthorn installed from its tarball.
 */
import { rmSync } from "node:fs";
import { cp, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyPackage, npm, pack } from "./packed.ts";
import { run } from "./processes.ts";

const root = join(import.meta.dirname, "..");
const timeoutMs = 120_000;

const temporary = await realpath(await mkdtemp(join(tmpdir(), "posthorn-test-kit-")));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

const tarball = await pack(root, join(temporary, "pack"));
const app = await emptyPackage(join(temporary, "app"));
await writeFile(join(app, "package.json"), '{ "private": true, "type": "module" }\n');
await npm(["install", tarball, "vitest@4", "jest@30"], app, process.env);
await cp(join(root, "test/fixtures/test-runners"), app, { recursive: true });

const bin = (name: string) => join(app, "node_modules", ".bin", name);
const node = process.execPath;
const runners: [name: string, command: string, args: string[]][] = [
  ["node:test", node, ["--test", "node.spec.js"]],
  ["Vitest", bin("vitest"), ["run", "vitest.spec.js"]],
  // Jest loads ES modules only with this flag
  ["Jest", node, ["--experimental-vm-modules", bin("jest"), "jest.spec.js"]],
];
for (const [name, command, args] of runners) {
  await run(command, args, { cwd: app, env: process.env, timeoutMs });
  console.log(`test kit: ok under ${name}`);
}
