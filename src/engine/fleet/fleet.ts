import { createHash } from "node:crypto";
import type { WorkerRecord } from "../../store/worker-record.ts";

/** A worker's place among those that share something. */
export interface Place {
  /** How many they are. */
  readonly size: number;
  /** This worker's, from 0. */
  readonly rank: number;
}

type Member = Pick<WorkerRecord, "id" | "tasks">;

/** The living workers, as seen by one of them. */
export class Fleet {
  readonly #id: string;
  readonly #others: readonly Member[];
  readonly #places = new Map<string, Place>();

  constructor(id: string, others: readonly Member[] = []) {
    this.#id = id;
    this.#others = others.map((member) => ({ id: member.id, tasks: [...member.tasks].sort() }));
  }

  get size(): number {
    return this.#others.length + 1;
  }

  /** Among those that handle the task, including this one: a share is of no use to the others. */
  placeFor(task: string): Place {
    const known = this.#places.get(task);
    if (known) return known;
    const sharing = this.#others.filter(({ tasks }) => tasks.includes(task)).map(({ id }) => id);
    const place = { size: sharing.length + 1, rank: sharing.filter((id) => id < this.#id).length };
    this.#places.set(task, place);
    return place;
  }

  /**
   * Whether this worker, of those that handle the task, has what goes by this name to one of them: by rendezvous hashing, so that
   * when one comes or leaves, nothing moves between the others.
   */
  owns(task: string, name: string): boolean {
    const mine = weightOf(this.#id, name);
    return this.#others.every(({ id, tasks }) => !tasks.includes(task) || weightOf(id, name) < mine);
  }

  /** The workers that the other does not have. */
  idsBeyond(other: Fleet): string[] {
    const known = new Set(other.#others.map(({ id }) => id));
    return this.#others.map(({ id }) => id).filter((id) => !known.has(id));
  }

  isSameAs(other: Fleet): boolean {
    return JSON.stringify(this.#sorted()) === JSON.stringify(other.#sorted());
  }

  #sorted(): Member[] {
    return [...this.#others].sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

/** Those of no two workers are alike. */
function weightOf(id: string, name: string): string {
  return createHash("sha256").update(id).update("\0").update(name).digest("hex");
}
