/** Where a bag keeps a member; it belongs to the bag. */
export interface Placed {
  place: number;
}

/**
 * Members that come and go all the time, in no order; each is in one bag at most.
 *
 * V8 links each table that a Map or a Set has outgrown to the next one. Once such a table is old, whatever was a member later survives the
 * minor collections too, and has to be found by a major one: with a Map of the runs under way, 1.4 KB a delivery. An array has no such
 * links.
 */
export class Bag<Member extends Placed> {
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member.place = this.#members.push(member) - 1;
  }

  has(member: Member): boolean {
    return this.#members[member.place] === member;
  }

  /** The last member takes its place. */
  delete(member: Member): void {
    if (!this.has(member)) return;
    const last = this.#members.pop();
    if (last === undefined || last === member) return;
    last.place = member.place;
    this.#members[member.place] = last;
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values();
  }
}
