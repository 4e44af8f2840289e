import { createHash } from "node:crypto";
import type { WorkerRecord } from "../../store/worker-record.ts";

/** A worker's place among the workers that share a limit. */
export interface Place {
  /** How many they are. */
  readonly size: number;
  /** This worker's, from 0. */
  readonly rank: number;
}

type Member = Pick<WorkerRecord, "id" | "tasks">;

/** The live workers, as one of them sees them. */
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

  /** This worker's place among those that handle the task; the others have no use for a share. */
  placeFor(task: string): Place {
    const known = this.#places.get(task);
    if (known) return known;
    const sharing = this.#others.filter(({ tasks }) => tasks.includes(task)).map(({ id }) => id);
    const place = { size: sharing.length + 1, rank: sharing.filter((id) => id < this.#id).length };
    this.#places.set(task, place);
    return place;
  }

  /**
   * Whether this worker is the one, of those that handle the task, that this name is assigned to. Uses rendezvous hashing, so that nothing
   * moves between the other workers when one comes or leaves.
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

/** No two workers have the same value. */
function weightOf(id: string, name: string): string {
  return createHash("sha256").update(id).update("\0").update(name).digest("hex");
}
