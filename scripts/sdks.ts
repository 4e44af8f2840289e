/**
 * Svix's own libraries against a server, on SQLite and on PostgreSQL: each is installed from its registry in a folder of its own, and every method
 * that the server offers is called; those in JavaScript also run five integrations, as people write them. Takes some minutes, most of them for
 * the one in Rust; words that are given choose those whose name has one of them:
 *
 *     npm run test:sdks -- Python
 */
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SignJWT } from "jose";
import { Keys } from "../src/access/keys.ts";
import { createApp } from "../src/http/app.ts";
import { listen } from "../src/http/listen.ts";
import { DEFAULT_ORGANIZATION } from "../src/http/svix/organization.ts";
import { openPosthorn, silentLog } from "../src/posthorn.ts";
import { startTestServer } from "../src/store/postgres/test-kit/server.ts";
import { storeOf } from "../src/store/store-of.ts";

const run = promisify(execFile);
const SECRET = "a secret for tokens that are made here";

interface Library {
  readonly name: string;
  install(folder: string): Promise<Installed>;
}

interface Installed {
  readonly version: string;
  /** What it printed. */
  sweep(env: NodeJS.ProcessEnv): Promise<string>;
}

const sweeps = join(import.meta.dirname, "sdks");

function javaScript(version: string): Library {
  return {
    name: `JavaScript ${version}.x`,
    async install(folder) {
      await run("npm", ["init", "-y"], { cwd: folder });
      // whatever Node it says that it wants
      await run("npm", ["install", "--force", "--no-audit", "--no-fund", `svix@${version}`], { cwd: folder });
      for (const name of ["sweep.mjs", "integrations.mjs"]) await cp(join(sweeps, name), join(folder, name));
      return {
        version: await versionOf(folder),
        async sweep(env) {
          await run(process.execPath, ["integrations.mjs"], { cwd: folder, env });
          return (await run(process.execPath, ["sweep.mjs"], { cwd: folder, env })).stdout;
        },
      };
    },
  };
}

async function versionOf(folder: string): Promise<string> {
  const { stdout } = await run("npm", ["ls", "svix", "--json"], { cwd: folder });
  const { dependencies } = JSON.parse(stdout) as { dependencies: { svix: { version: string } } }; // as npm prints it
  return dependencies.svix.version;
}

function python(version: string): Library {
  return {
    name: `Python ${version}`,
    async install(folder) {
      const wanted = version === "newest" ? "svix" : `svix==${version}`;
      await run("python3", ["-m", "venv", folder]);
      await run(join(folder, "bin/pip"), ["install", "--quiet", wanted]);
      const { stdout } = await run(join(folder, "bin/pip"), ["show", "svix"]);
      return {
        version: /^Version: (.*)$/m.exec(stdout)?.[1] ?? version,
        sweep: async (env) =>
          (await run(join(folder, "bin/python"), [join(sweeps, "sweep.py")], { env })).stdout,
      };
    },
  };
}

function go(version: string): Library {
  return {
    name: `Go ${version}`,
    async install(folder) {
      await cp(join(sweeps, "sweep.go"), join(folder, "main.go"));
      await run("go", ["mod", "init", "sweep"], { cwd: folder });
      await run("go", ["get", `github.com/svix/svix-webhooks@v${version}`], { cwd: folder });
      await run("go", ["mod", "tidy"], { cwd: folder });
      await run("go", ["build", "-o", "sweep", "."], { cwd: folder });
      return { version, sweep: async (env) => (await run(join(folder, "sweep"), [], { env })).stdout };
    },
  };
}

function java(version: string): Library {
  const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>sweep</groupId><artifactId>sweep</artifactId><version>0</version>
    <dependencies><dependency><groupId>com.svix</groupId><artifactId>svix</artifactId><version>${version}</version></dependency></dependencies></project>`;
  return {
    name: `Java ${version}`,
    async install(folder) {
      await writeFile(join(folder, "pom.xml"), pom);
      const copy = ["-q", "-B", "-ntp", "dependency:copy-dependencies", "-DoutputDirectory=libraries"];
      await run("mvn", copy, { cwd: folder });
      const sweep = ["-cp", "libraries/*", join(sweeps, "Sweep.java")];
      return { version, sweep: async (env) => (await run("java", sweep, { cwd: folder, env })).stdout };
    },
  };
}

function rust(version: string): Library {
  return {
    name: `Rust ${version}`,
    async install(folder) {
      await mkdir(join(folder, "src"));
      await cp(join(sweeps, "sweep.rs"), join(folder, "src/main.rs"));
      await writeFile(
        join(folder, "Cargo.toml"),
        `[package]\nname = "sweep"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]
svix = "=${version}"\nserde_json = "1"\nfutures = "0.3"\nhttp = "1"\njs_option = "0.1"\ntokio = { version = "1", features = ["full"] }\n`,
      );
      await run("cargo", ["build", "--quiet"], { cwd: folder });
      const sweep = join(folder, "target/debug/sweep");
      return { version, sweep: async (env) => (await run(sweep, [], { env })).stdout };
    },
  };
}

const LIBRARIES = [
  ...[javaScript("1"), javaScript("2"), python("1.99.1"), python("newest")],
  ...[go("1.99.1"), java("1.99.1"), rust("1.99.1")],
];

const words = process.argv.slice(2).map((word) => word.toLowerCase());
const temporary = await realpath(await mkdtemp(join(tmpdir(), "posthorn-sdks-")));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));

/** Where Svix's API is, on a database of its own. */
async function serve(database: string) {
  const posthorn = await openPosthorn({
    database,
    log: silentLog,
    allowTargets: ["127.0.0.1"],
    drainTimeout: 0,
    masterKey: Buffer.alloc(32, 7).toString("base64"),
  });
  const app = createApp(posthorn, {
    access: { mode: "keys", keys: new Keys(storeOf(posthorn).keys, posthorn.clock) },
    svix: { jwtSecret: SECRET },
    clock: posthorn.clock,
  });
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  return {
    env: { ...process.env, SVIX_SERVER_URL: server.url, SVIX_TOKEN: token },
    async close() {
      await server.close();
      await posthorn.close();
    },
  };
}

const token = await new SignJWT({ sub: DEFAULT_ORGANIZATION })
  .setProtectedHeader({ alg: "HS256" })
  .setIssuer("svix-server")
  .sign(new TextEncoder().encode(SECRET));
const postgres = await startTestServer();
const servers = {
  SQLite: await serve(join(temporary, "posthorn.db")),
  PostgreSQL: await serve(await postgres.newDatabase()),
};

for (const [at, { name, install }] of LIBRARIES.entries()) {
  if (words.length > 0 && !words.some((word) => name.toLowerCase().includes(word))) continue;
  const folder = join(temporary, String(at));
  await mkdir(folder);
  try {
    const { version, sweep } = await install(folder);
    for (const [database, { env }] of Object.entries(servers))
      console.log(`${name}: ${version} on ${database}: ${(await sweep(env)).trim()}`);
  } catch (error) {
    console.error(`${name} failed:`, error);
    process.exitCode = 1;
  }
}
for (const server of Object.values(servers)) await server.close();
await postgres.stop();
