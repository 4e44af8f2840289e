import { name, text } from "./tables/column.ts";
import type { Session } from "./tables/session.ts";
import { Table } from "./tables/table.ts";

/** Named secrets, sealed before they come here. */
export interface SecretShelf {
  get(name: string): Promise<string | undefined>;
  /** Stores `sealed` unless the name is taken; returns what is stored now. */
  putOnce(name: string, sealed: string): Promise<string>;
}

/** Sealed under the master key, which is in no table. */
export const SECRETS = new Table("secrets", ["name"], { name, sealed: text });

const GET = SECRETS.statement(`select ${SECRETS.fields} from posthorn.secrets where name = ?`);

const PUT_ONCE = SECRETS.statement(`${SECRETS.insertion} on conflict (name) do nothing`);

export class Secrets implements SecretShelf {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async get(name: string): Promise<string | undefined> {
    const [secret] = await this.#session.read(GET.with(name));
    return secret?.sealed;
  }

  async putOnce(name: string, sealed: string): Promise<string> {
    const [, [kept]] = await this.#session.write(PUT_ONCE.with(name, sealed), GET.with(name));
    return kept?.sealed ?? sealed;
  }
}
