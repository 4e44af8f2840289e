import { test } from "node:test";
import type { Store } from "../store.ts";
import type { WorkerRecord } from "../worker-record.ts";

/** A store opened on data of its own, which is gone after `close`. */
export interface OpenedStore {
  readonly store: Store;
  /** Another store on the same data, as a second process would open it; `close` closes it too. */
  another(): Promise<Store>;
  /** A store of the same kind on no data at all; `close` closes it too. */
  empty(): Promise<Store>;
  /** The same data once more, after all that was open has been closed. */
  reopen(): Promise<Store>;
  close(): Promise<void>;
}

/** @param open a store on the data, or on no data. @param discard the data, once all stores are closed. */
export async function openedStore(
  open: (on: "data" | "no data") => Promise<Store>,
  discard: () => Promise<void>,
): Promise<OpenedStore> {
  let opened: Store[] = [];
  const another = async (on: "data" | "no data") => {
    const store = await open(on);
    opened.push(store);
    return store;
  };
  const closeAll = async () => {
    for (const store of opened) await store.close();
    opened = [];
  };
  return {
    store: await another("data"),
    another: () => another("data"),
    empty: () => another("no data"),
    async reopen() {
      await closeAll();
      return another("data");
    },
    async close() {
      await closeAll();
      await discard();
    },
  };
}

export type OpenStore = () => Promise<OpenedStore>;

/** States a claim about stores, and what proves it. */
export type StoreClaim = (
  sentence: string,
  show: (store: Store, opened: OpenedStore) => Promise<void>,
) => void;

export function storeClaims(open: OpenStore): StoreClaim {
  return (sentence, show) => {
    test(sentence, async () => {
      const opened = await open();
      try {
        await show(opened.store, opened);
      } finally {
        await opened.close();
      }
    });
  };
}

export const SECOND = 1_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** When these tests take place. The real time, for stores whose database has its own clock. */
export const NOW = Date.now();

export const WORKER = workerRecord("wrk_one");
export const OTHER_WORKER = workerRecord("wrk_other");

export function workerRecord(id: string): WorkerRecord {
  return {
    id,
    machine: "machine",
    pid: 1,
    startedAt: NOW,
    deadline: NOW + 30 * SECOND,
    concurrency: 64,
    slotsHeld: 0,
    version: "1.0.0",
    tasks: ["mail.send"],
  };
}
