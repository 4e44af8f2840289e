import assert from "node:assert/strict";
import { test } from "node:test";
import { OverloadedError } from "../../core/errors.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_JOBS } from "./arrivals.ts";
import { TenantShares } from "./tenant-shares.ts";

test("a tenant's events take at most a quarter of the room, and another tenant's find theirs", () => {
  const shares = new TenantShares();
  for (let n = 0; n < MAX_WAITING_JOBS / 4; n++) shares.take("flood", 1, 10);
  assert.throws(() => shares.take("flood", 1, 10), OverloadedError);
  shares.take("other", 1, 10);
  shares.release("flood", 1, 10);
  shares.take("flood", 1, 10);
  shares.take("heavy", 1, MAX_WAITING_BYTES / 4);
  assert.throws(() => shares.take("heavy", 1, 1), OverloadedError);
});

test("an event larger than the share is taken while nothing of its tenant waits", () => {
  const shares = new TenantShares();
  shares.take("acme", MAX_WAITING_JOBS, MAX_WAITING_BYTES);
  assert.throws(() => shares.take("acme", 1, 1), OverloadedError);
  shares.release("acme", MAX_WAITING_JOBS, MAX_WAITING_BYTES);
  shares.take("acme", MAX_WAITING_JOBS, MAX_WAITING_BYTES);
});
