import type { Registry } from "../registry/registry.ts";
import type { NewEvent } from "./read-send-request.ts";

/** What a registered event type makes of an event. */
export interface TypeCheck {
  /** Nobody gets events of this type any more. */
  readonly isArchived: boolean;
  readonly warnings: readonly string[];
}

/** Compares events with the types that are registered; an event may be of any other type as well. */
export class TypeChecks {
  readonly #registry: Pick<Registry, "eventType">;

  constructor(registry: Pick<Registry, "eventType">) {
    this.#registry = registry;
  }

  /** @throws InvalidInputError when its payload does not match the type's schema, and the type refuses that. */
  async check({ type: name }: NewEvent): Promise<TypeCheck> {
    const type = await this.#registry.eventType(name);
    return { isArchived: type?.isArchived ?? false, warnings: [] };
  }
}
