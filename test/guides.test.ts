import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { start } from "../scripts/processes.ts";
import { openPosthorn } from "../src/posthorn.ts";
import { freePort } from "../src/store/postgres/test-kit/cluster.ts";
import { Receiver } from "./support/receiver.ts";
import { column, openRaw, scratchDatabase } from "./support/scratch.ts";
import { until } from "./support/until.ts";

const root = join(import.meta.dirname, "..");
const STOP_MS = 60_000;
const placed = z.object({ orderId: z.int(), receiptJobId: z.string() });

/** The program that a guide moves to: the first one below its heading "With Posthorn". */
function programOf(guide: string): string {
  const [, below = ""] = readFileSync(join(root, "docs", guide), "utf8").split("\n## With Posthorn\n");
  const [, program = ""] = /^```ts\n(.*?)^```$/ms.exec(below) ?? [];
  return program;
}

/** A new project that has installed what the guides' programs import. */
function projectWith(program: string): string {
  const folder = dirname(scratchDatabase());
  const modules = join(folder, "node_modules");
  mkdirSync(modules);
  symlinkSync(root, join(modules, "posthorn"));
  for (const name of ["@hono", "express", "fastify", "hono", "zod"])
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "app.ts"), program);
  return folder;
}

for (const there of ["bullmq", "celery", "fastapi"]) {
  test(`the program of the guide for ${there} runs as it is written, to its end`, async (t) => {
    const receiver = await Receiver.start(t);
    const folder = projectWith(programOf(`coming-from-${there}.md`));
    const port = await freePort();
    const program = start(process.execPath, ["--conditions=posthorn-source", "app.ts"], {
      cwd: folder,
      env: {
        ...process.env,
        PORT: String(port),
        MAIL_URL: `${receiver.url}/mail`,
        PARTNER_URL: `${receiver.url}/partner`,
        ALLOW_TARGETS: "127.0.0.1",
        NODE_TEST_CONTEXT: undefined,
      },
    });
    t.after(() => program.ended(0).catch(() => {})); // ends it if it is still running
    const ask = (path: string, body?: unknown) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
        headers: { "content-type": "application/json" },
      });

    await until(
      () => `the program listens: ${program.output()}`,
      () =>
        ask("/jobs/unknown").then(
          ({ status }) => status === 404,
          () => false,
        ),
    );
    assert.equal((await ask("/orders", { email: "nobody", totalCents: 1 })).status, 422);
    const answer = await ask("/orders", { email: "customer@example.com", totalCents: 450 });
    assert.equal(answer.status, 201);
    const { orderId, receiptJobId } = placed.parse(await answer.json());

    const job = `/jobs/${receiptJobId}`;
    await until("the receipt was sent", async () => (await (await ask(job)).text()).includes("succeeded"));
    await until("the partner was told", () => receiver.ledger.length === 2);
    assert.deepEqual(receiver.ledger.map(({ path }) => path).sort(), ["/mail", "/partner"]);
    const database = openRaw(t, join(folder, "shop.db"));
    assert.deepEqual(column(database, "select id from orders"), [orderId]);
    await until(
      () => `the best-effort task wrote its entry: ${program.output()}`,
      () => column(database, "select action from audit_entries").includes("created"),
    );
    database.close();

    program.signal("SIGTERM");
    assert.deepEqual(await program.ended(STOP_MS), { code: 0, signal: null }, program.output());
    assert.doesNotMatch(program.output(), /"level":"(?:warn|error)"/);
  });
}

test("the guides name every table of Posthorn's that is taken in a file that it shares, and use none of these names", async (t) => {
  const file = scratchDatabase();
  await (await openPosthorn({ database: file, worker: false })).close();
  const tables =
    "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' order by name";
  const taken = column(openRaw(t, file), tables).map(String);
  assert.ok(taken.includes("jobs"));

  const guides = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => readFileSync(join(root, "docs", name), "utf8"));
  const [, listed = ""] = /These names are taken: (.*?)\./s.exec(guides.join("\n")) ?? [];
  assert.deepEqual(
    [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    taken,
  );

  const made = guides.flatMap((text) => [...text.matchAll(/create table (?:if not exists )?(\w+)/g)]);
  assert.ok(made.length > 5, `only ${made.length} were found`);
  for (const [statement, name = ""] of made) assert.ok(!taken.includes(name), statement);
});
