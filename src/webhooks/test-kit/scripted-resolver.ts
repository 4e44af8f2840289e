import type { Resolver } from "../targets/resolver.ts";

type Answer = readonly string[] | Error | Promise<readonly string[]>;

/** Gives each name its answers in turn, repeating the last one, and remembers what it was asked. */
export class ScriptedResolver implements Resolver {
  readonly asked: string[] = [];
  readonly #answers: Map<string, Answer[]>;

  constructor(answers: Readonly<Record<string, readonly Answer[]>>) {
    this.#answers = new Map(Object.entries(answers).map(([host, of]) => [host, [...of]]));
  }

  async resolve(host: string): Promise<readonly string[]> {
    this.asked.push(host);
    const left = this.#answers.get(host) ?? [];
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer === undefined) throw failure("ENOTFOUND");
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

export function failure(code: string): Error {
  return Object.assign(new Error(`query failed: ${code}`), { code });
}
