import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Agent, request } from "undici";

/** As many deliveries at once as Posthorn's default. */
export const CONCURRENCY = 64;

export interface Delivery {
  readonly target: string;
  readonly payload: unknown;
}

const agent = new Agent({ connections: CONCURRENCY, pipelining: 1 });

/** Sends it; what the record keeps of the answer. */
export async function deliver({ target, payload }: Delivery): Promise<{ status: number }> {
  const answer = await request(target, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
    dispatcher: agent,
  });
  await answer.body.dump();
  if (answer.statusCode >= 300) throw new Error(`answered ${answer.statusCode}`);
  return { status: answer.statusCode };
}

/** The same small API before every queue: what it answers for has been enqueued. */
export function serveApi(
  enqueue: (delivery: Delivery) => Promise<string>,
  close: () => Promise<unknown>,
): void {
  const app = new Hono();
  app.post("/webhooks/deliver", async (c) => {
    const { target_url: target, payload } = await c.req.json();
    const id = await enqueue({ target, payload });
    return c.json({ job_id: id, status: "queued" }, 202);
  });
  serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
    console.log(`ready http://127.0.0.1:${port}`),
  );
  process.once("SIGTERM", () => void close().then(() => process.exit()));
}

/** Where the queue's database is. */
export function databaseUrl(): string {
  const url = process.argv[2];
  if (url === undefined) throw new Error("the first argument says where the database is");
  return url;
}
