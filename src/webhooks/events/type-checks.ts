import { InvalidInputError } from "../../core/errors.ts";
import type { EventType } from "../../store/shelves/event-types.ts";
import { lastSchemaOf } from "../event-types/event-type-options.ts";
import type { EventTypeSchemas } from "../event-types/schema.ts";
import type { Registry } from "../registry/registry.ts";
import { isJsonType, type NewEvent } from "./read-send-request.ts";

/** What a registered event type makes of an event. */
export interface TypeCheck {
  /** Nobody gets events of this type any more. */
  readonly isArchived: boolean;
  readonly warnings: readonly string[];
}

const NOTHING_ASKED: TypeCheck = { isArchived: false, warnings: [] };
const NOT_JSON = { path: ["payload"], detail: "must be JSON, because its event type has a schema" };

/** Compares events with the types that are registered; an event may be of any other type as well. */
export class TypeChecks {
  readonly #registry: Pick<Registry, "eventType">;
  readonly #schemas: EventTypeSchemas;
  /** A type that has changed is another object. */
  readonly #last = new WeakMap<EventType, string | undefined>();

  constructor(registry: Pick<Registry, "eventType">, schemas: EventTypeSchemas) {
    this.#registry = registry;
    this.#schemas = schemas;
  }

  /** @throws InvalidInputError when its payload does not match the type's schema, and the type refuses that. */
  async check({ type: name, payload, contentType }: NewEvent): Promise<TypeCheck> {
    const type = await this.#registry.eventType(name);
    if (!type) return NOTHING_ASKED;
    const { isArchived, enforce } = type;
    const schema = enforce === "off" ? undefined : this.#schemaOf(type);
    if (schema === undefined) return { isArchived, warnings: [] };
    const problems = isJsonType(contentType) ? await this.#schemas.problemsIn(payload, schema) : [NOT_JSON];
    if (enforce === "refuse" && problems.length > 0) throw new InvalidInputError(problems);
    return { isArchived, warnings: problems.map(({ path, detail }) => `${path.join(".")}: ${detail}`) };
  }

  #schemaOf(type: EventType): string | undefined {
    if (!this.#last.has(type))
      this.#last.set(type, type.schemas === null ? undefined : lastSchemaOf(type.schemas));
    return this.#last.get(type);
  }
}
