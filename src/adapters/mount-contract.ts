import assert from "node:assert/strict";
import type { Server } from "node:http";
import { describe, type TestContext, test } from "node:test";
import { Receiver } from "../../test/support/receiver.ts";
import { scratchDatabase } from "../../test/support/scratch.ts";
import { JWT_SECRET, svixToken } from "../../test/support/svix.ts";
import { until } from "../../test/support/until.ts";
import { ConfigurationError } from "../core/errors.ts";
import { silentLog } from "../observe/log.ts";
import { openPosthorn, type Posthorn } from "../posthorn.ts";
import type { MountedApi, MountOptions } from "./mounted-api.ts";
import { listening } from "./test-kit/listening.ts";

export interface ServedMount {
  readonly server: Server;
  readonly api: Pick<MountedApi, "stopWaiting">;
}

/** An app with the API mounted, and a route of its own: `POST /own` answers with its JSON body's `n`, as the framework parses it. */
export type MountWith = (posthorn: Posthorn, options: MountOptions) => ServedMount | Promise<ServedMount>;

const BASE = "/background/v1";
/** What a parser and a writer would change. */
const PAYLOAD = String.raw`{ "id": 9007199254740993, "b": 1.0, "a": "caf\u00e9 \/", "10": null }`;

/** What is true of the API as part of a larger server, in every framework. */
export function mountContract(name: string, mountWith: MountWith): void {
  describe(`the API mounted in ${name}`, () => {
    test("takes a delivery, says where its job is, and delivers the payload byte for byte", async (t) => {
      const receiver = await Receiver.start(t);
      const { url } = await mounted(t, mountWith);
      const answer = await deliver(url, `{"target_url":"${receiver.url}","payload":${PAYLOAD}}`);
      assert.equal(answer.status, 202);
      const { job_id } = (await answer.json()) as { job_id: string };
      assert.equal(answer.headers.get("location"), `${BASE}/webhooks/jobs/${job_id}`);
      const job = await fetch(new URL(answer.headers.get("location") ?? "", url));
      assert.equal(job.status, 200);
      assert.equal(((await job.json()) as { job_id: string }).job_id, job_id);
      assert.equal((await receiver.nth(0)).text, PAYLOAD);
    });

    test("leaves the app's own routes and its body parser alone", async (t) => {
      const { url } = await mounted(t, mountWith);
      const answer = await fetch(`${url}/own`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"n":7}',
      });
      assert.equal(await answer.text(), "7");
      assert.equal((await fetch(`${url}/webhooks/jobs`)).status, 404);
      assert.equal((await fetch(`${url}${BASE}less/webhooks/jobs`)).status, 404);
    });

    test("speaks Svix's API below its path, with tokens that are signed with the secret it was given", async (t) => {
      const { url } = await mounted(t, mountWith, { access: "keys", svixJwtSecret: JWT_SECRET });
      const ask = async (secret: string) => {
        const headers = { authorization: `Bearer ${await svixToken({}, secret)}` };
        return (await fetch(`${url}${BASE}/api/v1/app`, { headers })).status;
      };
      assert.deepEqual([await ask(JWT_SECRET), await ask(`${JWT_SECRET}.`)], [200, 401]);
      await assert.rejects(mounted(t, mountWith, { svixJwtSecret: "short" }), ConfigurationError);
    });

    test("refuses an option that it does not know, which would do nothing", async (t) => {
      const misspelt = { basepath: BASE } as MountOptions;
      await assert.rejects(mounted(t, mountWith, misspelt), {
        message: /basepath: is unknown; valid names are basePath/,
      });
    });

    test("describes itself and shows its docs where it is mounted", async (t) => {
      const { url } = await mounted(t, mountWith);
      const description = (await (await fetch(`${url}${BASE}/openapi.json`)).json()) as { servers: unknown };
      assert.deepEqual(description.servers, [{ url: BASE }]);
      const page = await (await fetch(`${url}${BASE}/docs`)).text();
      const paths = [...page.matchAll(/(?:src|href)="([^":]*)"/g)].map(([, path = ""]) => path);
      for (const path of paths) assert.equal((await fetch(new URL(path, `${url}${BASE}/docs`))).status, 200);
    });

    test("answers with problems of its own: unknown paths, bodies too long, no key", async (t) => {
      const { url } = await mounted(t, mountWith, { maxBodyBytes: 1_000 });
      for (const [path, init, status] of [
        ["/nothing", {}, 404],
        ["/webhooks/deliver", { method: "PUT" }, 405],
        ["/webhooks/deliver", { method: "POST", body: "x".repeat(2_000) }, 413],
      ] as const) {
        const answer = await fetch(`${url}${BASE}${path}`, init);
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get("content-type"), "application/problem+json");
      }
      const guarded = await mounted(t, mountWith, { access: "keys" });
      assert.equal((await deliver(guarded.url, "{}")).status, 401);
    });

    test("in dev access answers nothing that a proxy forwarded: its client may not be on this machine", async (t) => {
      const { url } = await mounted(t, mountWith);
      for (const name of ["x-forwarded-for", "forwarded", "via"]) {
        const headers = { "content-type": "application/json", [name]: "192.0.2.77" };
        const body = '{"target_url":"http://127.0.0.1:9/","payload":1}';
        const answer = await fetch(`${url}${BASE}/webhooks/deliver`, { method: "POST", headers, body });
        assert.equal(answer.status, 403);
      }
    });

    test("answers those who wait for a job's end when it is told to stop", async (t) => {
      const { url, api, posthorn } = await mounted(t, mountWith);
      const answer = deliver(url, `{"target_url":"http://127.0.0.1:9/","payload":1,"delay":"1h"}`, {
        prefer: "wait=60",
      });
      await until("the job is there", async () => (await posthorn.jobs.list({}, { limit: 1 })).length === 1);
      api.stopWaiting();
      assert.equal((await answer).status, 202);
    });
  });
}

function deliver(url: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${BASE}/webhooks/deliver`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
}

async function mounted(t: TestContext, mountWith: MountWith, options: MountOptions = {}) {
  const posthorn = await openPosthorn({
    database: scratchDatabase(),
    allowTargets: ["127.0.0.1"],
    drainTimeout: 0,
    log: silentLog,
  });
  t.after(() => posthorn.close());
  const { server, api } = await mountWith(posthorn, {
    basePath: BASE,
    access: "dev",
    ...options,
  });
  return { posthorn, api, url: await listening(t, server) };
}
