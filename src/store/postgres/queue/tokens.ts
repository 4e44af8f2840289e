import { type Session, statement } from "../driver/statement.ts";

// by its own increment the sequence sets aside the tokens up to the next number it gives
const SET_ASIDE = statement<{ first: number; count: number }>(`
  select nextval('posthorn.tokens') as first, seqincrement as count
  from pg_sequence
  where seqrelid = 'posthorn.tokens'::regclass`);

/** Fencing tokens, set aside in bulk: no two leases have the same one, and those of a process rise. */
export class Tokens {
  #next = 0;
  #end = 0;

  /** The first of `count` tokens that nobody else has. They may be left unused. */
  async take(session: Session, count: number): Promise<number> {
    if (this.#end - this.#next < count) await this.#setAside(session);
    const first = this.#next;
    this.#next += count;
    return first;
  }

  async #setAside(session: Session): Promise<void> {
    const [fresh] = await session.run(SET_ASIDE);
    if (!fresh) throw new Error("the sequence posthorn.tokens gave nothing");
    this.#next = fresh.first;
    this.#end = fresh.first + fresh.count;
  }
}
