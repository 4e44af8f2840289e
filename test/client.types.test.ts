import { test } from "node:test";
import { z } from "zod";
import { type Client, createClient, type Job } from "../src/client/client.ts";
import { type JobStatus, task } from "../src/posthorn.ts";

/** Compiles only when both are the same type. */
function same<One, Other>(
  ..._: (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? [] : [never]
): void {}

/** Holds claims for the compiler: what is inside is not run. */
function claims(_: () => unknown): void {}

const sendReceipt = task("send-receipt", {
  input: z.object({ orderId: z.string(), times: z.number().default(1) }),
  run: ({ orderId }) => ({ sent: orderId, at: new Date() }),
});
const resize = task<{ file: string }, number>("resize");
type Tasks = { "send-receipt": typeof sendReceipt; resize: typeof resize };

test("a client knows its tasks by name: what they take, and what is left of their results as JSON", () => {
  claims(async () => {
    const client = createClient<Tasks>({ url: "https://jobs.example.com" });
    const accepted = await client.enqueue("send-receipt", { orderId: "1" }, { delay: "10s", key: "k" });
    const { result, createdAt, status } = await client.wait(accepted);
    same<typeof result, { sent: string; at: string } | null>();
    same<typeof createdAt, Date>();
    same<typeof status, JobStatus>();
    const job = await client.job(await client.enqueue("resize", { file: "a.png" }));
    same<typeof job, Job<number>>();
    const untyped = await client.job("job_1");
    same<typeof untyped.result, unknown>();
    // @ts-expect-error: the order's id is a string
    await client.enqueue("send-receipt", { orderId: 1 });
    // @ts-expect-error: no task has this name
    await client.enqueue("sent-receipt", { orderId: "1" });
    // @ts-expect-error: there is no such option
    await client.enqueue("resize", { file: "a.png" }, { delays: "10s" });
    // @ts-expect-error: a delivery has a payload
    await client.deliver({ targetUrl: "https://example.com" });
  });
});

test("without the tasks' types, a client takes any name and any input", () => {
  claims(async (client: Client = createClient({ url: "https://jobs.example.com" })) => {
    const { result } = await client.wait(await client.enqueue("anything", { n: 1 }));
    same<typeof result, unknown>();
  });
});
