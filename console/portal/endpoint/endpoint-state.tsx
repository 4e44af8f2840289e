import type { Endpoint } from "../answers.ts";
import { words } from "../words.ts";

interface Shown {
  readonly kind: "good" | "warn" | "bad" | "off";
  readonly name: string;
  /** In a sentence, where the name does not say it all. */
  readonly explains?: string;
}

export function stateOf({ status, health }: Endpoint): Shown {
  const told = words.state;
  if (status !== "active") return { kind: "off", name: told[status] };
  if (health.breaker !== "closed") return { kind: "bad", name: told.unreachable, explains: told.waits };
  if (health.failing_since !== null) return { kind: "warn", name: told.failing };
  return { kind: "good", name: told.active };
}

export function State({ endpoint }: { readonly endpoint: Endpoint }) {
  const { kind, name } = stateOf(endpoint);
  return <span class={`state ${kind}`}>{name}</span>;
}
