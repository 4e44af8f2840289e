import { firstIdAt } from "../../core/id.ts";
import type { BulkPage, BulkSource, FoundPage, PinnedContents } from "../../engine/bulk/bulk-source.ts";
import type { Store } from "../../store/store.ts";

/** A tenant's events, oldest first, to be erased. */
export class ContentSource implements BulkSource<PinnedContents> {
  readonly #events: Pick<Store["events"], "list">;

  constructor(events: Pick<Store["events"], "list">) {
    this.#events = events;
  }

  async next({ tenant, createdFrom, createdBefore }: PinnedContents, page: BulkPage): Promise<FoundPage> {
    const { events, hasMore } = await this.#events.list(tenant, {
      limit: page.limit,
      before: page.after ?? firstIdAt("msg", createdFrom),
      since: createdFrom,
      until: createdBefore,
    });
    const found = events
      .map(({ id, createdAt }) => ({
        id,
        lane: "",
        class: null,
        createdAt,
        decision: { kind: "erase" } as const,
      }))
      .reverse();
    return { found, last: hasMore ? (found.at(-1)?.id ?? null) : null };
  }
}
