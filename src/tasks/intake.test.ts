import assert from "node:assert/strict";
import { test } from "node:test";
import { DuplicateKeyError, KeyReusedError } from "../core/errors.ts";
import { Intake, type IntakeParts } from "../engine/intake/intake.ts";
import type { Enqueued, IdempotencyClaim, NewJob } from "../store/queue.ts";
import { newJobOf } from "./new-job.ts";
import { task } from "./task.ts";

const NOW = Date.parse("2030-01-01T00:00:00Z");
const IDEMPOTENCY = { scope: "caller", key: "k1", fingerprint: "f1" };
const job: NewJob = await newJobOf(task("t"), 1, {}, NOW);

/** An intake whose sink answers this, and what the sink was asked. */
function intakeWhose(kind: Enqueued["kind"], duplicateKeys: IntakeParts["duplicateKeys"] = "replay") {
  const claims: (IdempotencyClaim | undefined)[] = [];
  const sink = {
    async enqueue(_: NewJob, claim?: IdempotencyClaim): Promise<Enqueued> {
      claims.push(claim);
      return { kind, jobId: "job_first" };
    },
  };
  return { intake: new Intake({ sink, keyRetentionMs: 1_000, duplicateKeys }), claims };
}

test("a job without an idempotency key is passed on as it is", async () => {
  const { intake, claims } = intakeWhose("created");
  assert.deepEqual(await intake.accept(job), { jobId: "job_first", replayed: false, existing: false });
  assert.deepEqual(claims, [undefined]);
});

test("an idempotency key is claimed for as long as keys are remembered", async () => {
  const { intake, claims } = intakeWhose("created");
  await intake.accept(job, IDEMPOTENCY);
  assert.deepEqual(claims, [{ ...IDEMPOTENCY, expiresAt: NOW + 1_000 }]);
});

test("a repeated request gets the first answer, and is told so", async () => {
  const { intake } = intakeWhose("replayed");
  assert.deepEqual(await intake.accept(job, IDEMPOTENCY), {
    jobId: "job_first",
    replayed: true,
    existing: false,
  });
});

test("where duplicates are rejected, a repeated request is refused", async () => {
  const { intake } = intakeWhose("replayed", "reject");
  await assert.rejects(intake.accept(job, IDEMPOTENCY), DuplicateKeyError);
});

test("another request with the key is refused", async () => {
  const { intake } = intakeWhose("mismatch");
  await assert.rejects(intake.accept(job, IDEMPOTENCY), KeyReusedError);
});

test("a live job with the same key of the task's own is given instead", async () => {
  const { intake } = intakeWhose("existing");
  assert.deepEqual(await intake.accept(job), { jobId: "job_first", replayed: false, existing: true });
});
