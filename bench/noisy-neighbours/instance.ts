import { setTimeout as sleep } from "node:timers/promises";
import { openPosthorn, type Posthorn, silentLog } from "../../src/posthorn.ts";

/** What a process of Posthorn is told to do. It answers `{done: true}`. */
export type Order =
  | { readonly kind: "register"; readonly endpoints: readonly Registration[] }
  /** This many events at once, for one endpoint after the other. */
  | { readonly kind: "fill"; readonly of: readonly Address[]; readonly count: number }
  /** This many events a second, whatever happens to them, for one endpoint after the other. */
  | {
      readonly kind: "load";
      readonly of: readonly Address[];
      readonly perSecond: number;
      readonly ms: number;
    };

export interface Address {
  readonly tenant: string;
  /** That one endpoint of the tenant wants, and no other. */
  readonly type: string;
}

export interface Registration extends Address {
  readonly url: string;
}

const MASTER_KEY = Buffer.alloc(32, 1).toString("base64");
const AT_ONCE = 200;
const TICK_MS = 5;

/** A process with a worker, on this database. */
export async function work(database: string, failures: number): Promise<void> {
  const posthorn = await openPosthorn({
    ...{ database, masterKey: MASTER_KEY, allowTargets: ["127.0.0.1"], log: silentLog, drainTimeout: 0 },
    breaker: { failures },
  });
  process.on("message", (order: Order) => {
    void obey(posthorn, order).then(() => process.send?.({ done: true }));
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ done: true });
}

async function obey({ webhooks }: Posthorn, order: Order): Promise<void> {
  if (order.kind === "register") {
    const { endpoints } = order;
    await inTurns(endpoints.length, async (n) => {
      const { tenant, type, url } = endpoints[n] ?? { tenant: "", type: "", url: "" };
      await webhooks.endpoints.create(tenant, { url, eventTypes: [type] });
    });
    return;
  }
  const send = (n: number) => {
    const { tenant, type } = order.of[n % order.of.length] ?? { tenant: "", type: "" };
    return webhooks.send({ tenant, type, payload: Date.now() });
  };
  if (order.kind === "fill") return inTurns(order.count, send);
  const sending: Promise<unknown>[] = [];
  const begun = Date.now();
  for (let sent = 0; Date.now() < begun + order.ms; await sleep(TICK_MS)) {
    for (; sent < ((Date.now() - begun) / 1_000) * order.perSecond; sent++) sending.push(send(sent));
  }
  await Promise.all(sending);
}

async function inTurns(count: number, ask: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < count) await ask(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
}
