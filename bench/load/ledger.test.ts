import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "./ledger.ts";

test("what was accepted and never arrived is missing", () => {
  const ledger = new Ledger();
  const [one, other] = [ledger.open(0), ledger.open(0)];
  for (const number of [one, other]) ledger.accepted(number);
  ledger.arrived(one, 5);
  assert.equal(ledger.complete, false);
  const { accepted, delivered, missing } = ledger.report(0, 10);
  assert.deepEqual({ accepted, delivered, missing }, { accepted: 2, delivered: 1, missing: 1 });
  ledger.arrived(other, 7);
  assert.equal(ledger.complete, true);
});

test("a delivery may arrive before its 202 is read", () => {
  const ledger = new Ledger();
  const number = ledger.open(0);
  ledger.arrived(number, 1);
  ledger.accepted(number);
  assert.equal(ledger.complete, true);
  assert.equal(ledger.report(0, 1).missing, 0);
});

test("a delivery whose request was refused balances nothing", () => {
  const ledger = new Ledger();
  const [refused, accepted] = [ledger.open(0), ledger.open(0)];
  ledger.refused("503");
  ledger.accepted(accepted);
  ledger.arrived(refused, 1);
  assert.equal(ledger.complete, false);
  const report = ledger.report(0, 1);
  assert.deepEqual([report.missing, report.unanswered, report.refused], [1, 1, { 503: 1 }]);
});

test("a second arrival is a duplicate, and an arrival that nobody asked for is a stranger", () => {
  const ledger = new Ledger(1);
  const number = ledger.open(0);
  for (const at of [1, 2]) ledger.arrived(number, at);
  for (const at of [1, 2]) ledger.seededArrived(0, at);
  ledger.arrived(9, 3);
  ledger.seededArrived(1, 3);
  const { duplicates, strangers, seededDelivered } = ledger.report(0, 4);
  assert.deepEqual(
    { duplicates, strangers, seededDelivered },
    { duplicates: 2, strangers: 2, seededDelivered: 1 },
  );
});

test("latency counts from when a request was due, and that of the slow target counts separately", () => {
  const ledger = new Ledger();
  const [quick, slow] = [ledger.open(10), ledger.open(10, true)];
  ledger.arrived(quick, 35);
  ledger.arrived(slow, 2_010);
  const { deliveryMs, slowDeliveryMs } = ledger.report(0, 3_000);
  assert.deepEqual([deliveryMs.p50, deliveryMs.max, slowDeliveryMs.p50], [25, 25, 2_000]);
});

test("latency leaves out what was due before the system was warm; the delivery counts", () => {
  const ledger = new Ledger();
  const [cold, warm] = [ledger.open(0), ledger.open(1_000)];
  ledger.arrived(cold, 900);
  ledger.arrived(warm, 1_002);
  const { deliveryMs, delivered } = ledger.report(0, 3_000, 1_000);
  assert.deepEqual([deliveryMs.max, delivered], [2, 2]);
});
