import type { Endpoint } from "./answers.ts";

interface Shown {
  readonly kind: "good" | "warn" | "bad" | "off";
  readonly name: string;
  /** In a sentence, where the name does not say it all. */
  readonly explains?: string;
}

export function stateOf({ status, status_reason: reason, health }: Endpoint): Shown {
  if (status === "disabled") return { kind: "off", name: "Disabled", ...(reason && { explains: reason }) };
  if (status === "paused") return { kind: "off", name: "Paused", ...(reason && { explains: reason }) };
  if (health.breaker !== "closed")
    return {
      kind: "bad",
      name: "Not reached",
      explains: "deliveries wait until one gets through; none is lost",
    };
  if (health.failing_since !== null) return { kind: "warn", name: "Failing" };
  return { kind: "good", name: "Active" };
}

export function State({ endpoint }: { readonly endpoint: Endpoint }) {
  const { kind, name } = stateOf(endpoint);
  return <span class={`state ${kind}`}>{name}</span>;
}
