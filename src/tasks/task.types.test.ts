import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { z } from "zod";
import type { SettledGroup, SettledJob } from "../core/follow-up.ts";
import type { Jsonified } from "../core/json/jsonified.ts";
import { request } from "./enqueue-options.ts";
import { discard, retryAt, snooze } from "./outcomes.ts";
import { schedule } from "./schedule.ts";
import { task } from "./task.ts";
import type { InputOf, ResultOf, TaskDefinition } from "./task-definition.ts";
import type { Tasks } from "./tasks.ts";

/** Compiles only when both are the same type. */
function same<One, Other>(
  ..._: (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? [] : [never]
): void {}

/** Holds claims for the compiler: what is inside is not run. */
function claims(_: () => unknown): void {}

const plain = task("plain", {
  input: z.object({ id: z.string() }),
  run: async ({ id }) => ({ length: id.length }),
});
const converting = task("converting", {
  input: z.object({ at: z.string().transform((text) => new Date(text)), times: z.number().default(1) }),
  run: ({ at, times }) => at.getTime() * times,
});
const outcomes = task("outcomes", {
  input: v.object({ n: v.number() }),
  run({ n }) {
    if (n === 1) return discard("one");
    if (n === 2) return retryAt("1s");
    if (n === 3) return snooze("1s");
    return { n };
  },
});
const bare = task<{ id: number }, string>("bare");
const annotated = task("annotated", { run: (n: number) => String(n) });

test("a task's input and result are inferred from its schema and its handler", () => {
  same<InputOf<typeof plain>, { id: string }>();
  same<ResultOf<typeof plain>, { length: number }>();
  same<InputOf<typeof converting>, { at: string; times?: number | undefined }>();
  same<ResultOf<typeof converting>, number>();
  same<InputOf<typeof outcomes>, { n: number }>();
  same<ResultOf<typeof outcomes>, { n: number }>();
  same<InputOf<typeof bare>, { id: number }>();
  same<ResultOf<typeof bare>, string>();
  same<InputOf<typeof annotated>, number>();
  same<ResultOf<typeof annotated>, string>();
  // @ts-expect-error: they are not the same
  same<ResultOf<typeof annotated>, number>();
});

test("a handler gets what its schema gives, not what it takes", () => {
  claims(() =>
    task("t", {
      input: z.object({ at: z.string().transform((text) => new Date(text)) }),
      key: ({ at }) => at.toISOString(),
      run({ at }, { signal, attempt, job, progress }) {
        same<typeof at, Date>();
        same<typeof signal, AbortSignal>();
        same<typeof attempt, number>();
        same<NonNullable<typeof job>["createdAt"], Date>();
        progress(0.5, "half");
        // @ts-expect-error: there is no such field
        at.nope;
      },
    }),
  );
  claims(() =>
    task("t", {
      input: z.object({ at: z.string() }),
      // @ts-expect-error: a lane is a string
      lane: ({ at }) => [at],
    }),
  );
});

test("what was stored is JSON: a handler without a schema, a result and a test see strings for dates", () => {
  claims(async () => {
    const tasks = {} as Tasks;
    const remind = task<{ at: Date; tags: string[]; note?: string }, { done: Date }>("remind", {
      key: ({ at }) => at.slice(0, 10),
      run(input) {
        same<typeof input, { at: string; tags: string[]; note?: string }>();
        return { done: new Date() };
      },
    });
    same<InputOf<typeof remind>, { at: Date; tags: string[]; note?: string }>();
    same<ResultOf<typeof remind>, { done: string }>();
    await tasks.enqueue(remind, { at: new Date(), tags: [] });
    const { result, createdAt, finishedAt } = await tasks.result(remind, "job_1", "10s");
    same<typeof result, { done: string } | null>();
    same<typeof createdAt, Date>();
    same<typeof finishedAt, Date | null>();
    tasks.work(remind, ({ at }) => ({ done: new Date(at) }));
    // @ts-expect-error: it is a string by then
    tasks.work(remind, ({ at }) => ({ done: at }));
    // @ts-expect-error: ten seconds are "10s"
    await tasks.result(remind, "job_1", "10 seconds");
    // @ts-expect-error: a duration has a unit
    task("t", { timeout: "30 seconds" });
  });
});

test("of a value, JSON leaves what JSON.parse gives back", () => {
  same<Jsonified<Date>, string>();
  same<Jsonified<string | null | undefined>, string | null | undefined>();
  same<Jsonified<unknown>, unknown>();
  same<Jsonified<readonly [Date, number]>, readonly [string, number]>();
  same<
    Jsonified<{ a: Date[]; b?: URL; readonly c: 1 | "x" }>,
    { a: string[]; b?: string; readonly c: 1 | "x" }
  >();
  same<Jsonified<{ run: () => void; s: symbol; n: number }>, { n: number }>();
  same<Jsonified<Map<string, number>>, never>();
  same<Jsonified<{ tags: Set<string>; big: bigint }>, { tags: never; big: never }>();
});

test("enqueue takes what the task takes, and nothing else", () => {
  claims(async () => {
    const tasks = {} as Tasks;
    await tasks.enqueue(plain, { id: "1" }, { delay: "1s", key: "k", tx: {} });
    // @ts-expect-error: the id is a string
    await tasks.enqueue(plain, { id: 1 });
    // @ts-expect-error: the id is missing
    await tasks.enqueue(plain, {});
    // @ts-expect-error: there is no such option
    await tasks.enqueue(plain, { id: "1" }, { delays: "1s" });
    await tasks.enqueue(converting, { at: "2030-01-01" });
    // @ts-expect-error: a converted value is not what is enqueued
    await tasks.enqueue(converting, { at: new Date() });
    await tasks.enqueueMany([request(plain, { id: "1" }), request(bare, { id: 1 })]);
    // @ts-expect-error: the request's input is not its task's
    request(plain, { id: 1 });
    const { result } = await tasks.result(plain, "job_1");
    same<typeof result, { length: number } | null>();
    tasks.work(bare, ({ id }) => String(id));
    // @ts-expect-error: the handler does not return the task's result
    tasks.work(bare, ({ id }) => id);
  });
});

test("what is settled is typed for what follows it", () => {
  claims(() => {
    const afterJob = task("after-job", { run: ({ jobId, status }: SettledJob) => `${jobId} ${status}` });
    const afterGroup = task("after-group", { run: ({ total }: SettledGroup) => total });
    const checked = task("checked", { input: z.object({ jobId: z.string() }), run: ({ jobId }) => jobId });
    const tasks = {} as Tasks;
    task("a", { onSettled: afterJob });
    task("b", { onSettled: checked });
    task("b", { onSettled: task("takes-anything") });
    // @ts-expect-error: it takes something else
    task("b", { onSettled: plain });
    // @ts-expect-error: that follows a group
    task("c", { onSettled: afterGroup });
    void tasks.enqueueMany([], { onSettled: afterGroup });
    // @ts-expect-error: that follows a job
    void tasks.enqueueMany([], { onSettled: afterJob });
  });
});

test("a schedule takes its task's input, and tasks of all inputs fit one list", () => {
  claims(() => {
    schedule("s", { cron: "@daily", task: plain, input: { id: "1" } });
    // @ts-expect-error: the id is a string
    schedule("s", { cron: "@daily", task: plain, input: { id: 1 } });
    schedule("s", { cron: "@daily", task: converting, input: { at: "2030-01-01" } });
    // @ts-expect-error: a schedule has its own moments
    schedule("s", { cron: "@daily", task: plain, input: { id: "1" }, options: { delay: "1s" } });
    const list: readonly TaskDefinition[] = [plain, converting, outcomes, bare, annotated];
    return list;
  });
});

test("unknown options do not compile, and are refused at run time too", () => {
  // @ts-expect-error: there is no such option
  assert.throws(() => task("t", { retires: 3 }), /retires/);
  // @ts-expect-error: attempts are a number
  assert.throws(() => task("t", { retry: { attempts: "3" } }), /retry.attempts/);
  // @ts-expect-error: pauses are given one way or the other
  assert.throws(() => task("t", { retry: { backoff: {} } }), /retry.backoff.initial/);
});
