/**
 * Lanes are walked in byte order, in which a tenant's lanes are adjacent: `app_…/ep_…`, the tenant's id, a slash, the endpoint's id. A lane
 * of any other form counts as a tenant of its own.
 */
const ID_LENGTH = "app_".length + 26;
const SLASH = "/".charCodeAt(0);

/** The prefix of its tenant's lanes; undefined for a lane that belongs to no tenant. */
export function tenantOf(lane: string): string | undefined {
  const isTenants = lane.charCodeAt(ID_LENGTH) === SLASH && lane.startsWith("app_");
  return isTenants ? lane.slice(0, ID_LENGTH + 1) : undefined;
}

/** The first possible lane after all of a tenant's: in byte order, `0` comes after a slash. */
export function afterTenant(tenant: string): string {
  return `${tenant.slice(0, ID_LENGTH)}0`;
}

/** How many tenants with several lanes have their turns remembered; beyond this, all start again with their first lanes. */
const MOST_POSITIONS = 50_000;

/** Where each tenant's last turn came to, within its lanes. */
export class TenantPositions {
  readonly #positions = new Map<string, string>();
  /** Those of `#positions`, in order. */
  #tenants: string[] = [];

  /** The first lane that may be next; what all of them begin with, when nothing is known. */
  of(tenant: string): string {
    return this.#positions.get(tenant) ?? tenant;
  }

  /** @param from the first lane that may come next. */
  set(tenant: string, from: string): void {
    if (this.#tenants.length === MOST_POSITIONS) this.#forget();
    if (!this.#positions.has(tenant)) this.#tenants.splice(this.#placeOf(tenant), 0, tenant);
    this.#positions.set(tenant, from);
  }

  /** The positions of the tenants that a walk from `lane` on reaches first. */
  next(lane: string, count: number): (readonly [tenant: string, from: string])[] {
    const at = this.#placeOf(lane);
    const tenants = this.#tenants.slice(at, at + count);
    if (tenants.length < count) tenants.push(...this.#tenants.slice(0, Math.min(at, count - tenants.length)));
    return tenants.map((tenant) => [tenant, this.of(tenant)] as const);
  }

  #placeOf(lane: string): number {
    let [low, high] = [0, this.#tenants.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tenants[middle] ?? "") < lane) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forget(): void {
    this.#positions.clear();
    this.#tenants = [];
  }
}
