import assert from "node:assert/strict";
import type { Answered, Broken, SendResult } from "../http/result.ts";

export async function answered(result: Promise<SendResult>): Promise<Answered> {
  const settled = await result;
  assert.equal(settled.kind, "answered", JSON.stringify(settled));
  return settled as Answered; // asserted above
}

export async function broken(result: Promise<SendResult>): Promise<Broken> {
  const settled = await result;
  assert.equal(settled.kind, "broken", JSON.stringify(settled));
  return settled as Broken; // asserted above
}
