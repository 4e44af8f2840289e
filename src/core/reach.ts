/** Which tenants a caller sees; the others do not exist for it. */
export interface Reach {
  /** Only the tenant with this id. */
  readonly tenant?: string | undefined;
  /** Only tenants of this mode. */
  readonly mode?: "live" | "test" | undefined;
}

/** Whether a caller with this reach sees the tenant. */
export function isWithin(
  { id, mode }: { readonly id: string; readonly mode: "live" | "test" },
  reach: Reach,
): boolean {
  return (reach.tenant ?? id) === id && (reach.mode ?? mode) === mode;
}
