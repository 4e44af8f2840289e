/**
 * Lanes are walked in the order of their bytes, and a tenant's lanes stand together in it: `app_…/ep_…`, the tenant's id, a
 * slash, the endpoint's. A lane of any other form is a tenant by itself.
 */
const ID_LENGTH = "app_".length + 26;
const SLASH = "/".charCodeAt(0);

/** What the lanes of its tenant begin with; undefined for one that belongs to nobody else. */
export function tenantOf(lane: string): string | undefined {
  const isTenants = lane.charCodeAt(ID_LENGTH) === SLASH && lane.startsWith("app_");
  return isTenants ? lane.slice(0, ID_LENGTH + 1) : undefined;
}

/** The first lane there could be after all of a tenant's: in the order of bytes, a zero comes after a slash. */
export function afterTenant(tenant: string): string {
  return `${tenant.slice(0, ID_LENGTH)}0`;
}

/** How many tenants with several lanes have their turns remembered; past this, all begin again with their first lanes. */
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

  /** Of so many tenants that a walk from `lane` on comes to first. */
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
