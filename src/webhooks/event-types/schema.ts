import type { FieldProblem } from "../../core/errors.ts";
import { LruCache } from "../../core/lru-cache.ts";
import { wrong } from "../../core/options.ts";
import { jsonOf } from "../accept/given-json.ts";
import type { CompiledSchema } from "./schema-compiler.ts";

type Path = FieldProblem["path"];

const MOST_BYTES = 65_536;
/** One of the largest takes some megabytes once it is compiled. */
const MOST_KEPT = 100;

/**
 * The JSON Schemas (2020-12) of event types, docs/event-schemas.md. What compiles them is loaded with the first one, because a
 * program without schemas should not wait for it.
 */
export class EventTypeSchemas {
  readonly #compiled = new LruCache<string, CompiledSchema>(MOST_KEPT);

  /**
   * Checks a schema that should be saved.
   * @returns its JSON, which `problemsIn` takes.
   * @throws InvalidInputError naming what is wrong with it.
   */
  async schemaOf(value: unknown, path: Path = ["schema"]): Promise<string> {
    const text = jsonOf(value, path);
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_BYTES) throw wrong(path, `must be at most ${MOST_BYTES} bytes as JSON; it has ${bytes}`);
    await this.#compile(text, path);
    return text;
  }

  /**
   * What is wrong with a payload, by its type's schema: at most ten problems.
   * @param schema as `schemaOf` returned it.
   */
  async problemsIn(
    payload: string | Uint8Array,
    schema: string,
    path: Path = ["payload"],
  ): Promise<readonly FieldProblem[]> {
    const compiled = this.#compiled.get(schema) ?? (await this.#compile(schema, ["schema"]));
    return compiled.problemsIn(payload, path);
  }

  async #compile(text: string, path: Path): Promise<CompiledSchema> {
    const { CompiledSchema } = await import("./schema-compiler.ts");
    const compiled = new CompiledSchema(text, path);
    this.#compiled.set(text, compiled);
    return compiled;
  }
}
