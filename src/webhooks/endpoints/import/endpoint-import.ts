import type { By } from "../../../core/actor.ts";
import type { Clock } from "../../../core/clock.ts";
import { ConflictError, type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import { newId } from "../../../core/id.ts";
import { refuseUnknown } from "../../../core/options.ts";
import type { Audit } from "../../../engine/audit/audit.ts";
import type { Intake } from "../../../engine/intake/intake.ts";
import type { Tenant } from "../../../store/shelves/tenants.ts";
import type { Store } from "../../../store/store.ts";
import type { Destinations } from "../../destination.ts";
import type { Registry } from "../../registry/registry.ts";
import { newRow } from "../endpoint-row.ts";
import type { EndpointSecrets } from "../endpoint-secrets.ts";
import { MOST_ENDPOINTS } from "../most-endpoints.ts";
import { type EndpointsDocument, type ReadEntry, type ReadTenant, readDocument } from "./read-document.ts";

export interface EndpointImportParts {
  readonly store: Pick<Store, "tenants" | "endpoints">;
  readonly intake: Pick<Intake, "submit">;
  readonly sealed: EndpointSecrets;
  readonly destinations: Destinations;
  readonly registry: Pick<Registry, "forget">;
  readonly clock: Clock;
  readonly audit: Audit;
}

export interface EndpointImportOptions {
  /** Checks everything and says what would be created, but creates nothing. Default false. */
  readonly dryRun?: boolean;
}

/** How much of a document was created, and how much existed before. */
export interface EndpointsImported {
  readonly tenants: Imported;
  readonly endpoints: Imported;
}

export interface Imported {
  readonly created: number;
  readonly existing: number;
}

/** How many are checked or created at once. */
const AT_ONCE = 32;

/** Imports endpoints of another sender with their secrets, so that their receivers notice nothing. */
export class EndpointImport {
  readonly #parts: EndpointImportParts;

  constructor(parts: EndpointImportParts) {
    this.#parts = parts;
  }

  async run(
    document: EndpointsDocument,
    options: EndpointImportOptions = {},
    by?: By,
  ): Promise<EndpointsImported> {
    refuseUnknown(options, ["dryRun"]);
    const { dryRun = false } = options;
    const tenants = readDocument(document, this.#parts.clock.now());
    await this.#admit(tenants);
    const done = { tenants: { created: 0, existing: 0 }, endpoints: { created: 0, existing: 0 } };
    for (const tenant of tenants) {
      const known = await this.#parts.store.tenants.get(tenant.uid);
      done.tenants[known ? "existing" : "created"]++;
      const owner = known ?? (dryRun ? undefined : await this.#make(tenant, by));
      for (let from = 0; from < tenant.endpoints.length; from += AT_ONCE) {
        const some = tenant.endpoints.slice(from, from + AT_ONCE);
        const made = await Promise.all(some.map((entry) => this.#take(entry, owner, { dryRun, by })));
        for (const each of made) done.endpoints[each]++;
      }
      if (owner) this.#parts.registry.forget(owner.id);
    }
    return done;
  }

  /** Existing endpoints stay as they are: they may have changed since the first import. */
  async #take(
    entry: ReadEntry,
    owner: Tenant | undefined,
    { dryRun, by }: { readonly dryRun: boolean; readonly by: By | undefined },
  ): Promise<keyof Imported> {
    const { store, intake, sealed, clock, audit } = this.#parts;
    const { id: own, read, secrets, status, path } = entry;
    const name = own ?? read.fields.uid ?? "";
    const known = owner && (await store.endpoints.get(owner.id, name));
    if (known) return "existing";
    if (dryRun || !owner) return "created";
    const now = clock.now();
    const id = own ?? newId("ep", now);
    const reason = status === "active" ? null : "it was imported so";
    const row = newRow({ read, id, tenant: owner.id, secrets, now, actor: null, status, reason }, sealed);
    const creating = store.endpoints.creating(row, MOST_ENDPOINTS);
    const change = { url: [null, row.url], uid: [null, row.uid] } as const;
    const act = audit.act(by, { action: "endpoint.create", target: id, tenant: owner.id, change });
    const rows = [...creating.rows, act.row];
    const { refused } = await intake.submit({ jobs: [], guard: creating.guard, rows, makes: id });
    if (!refused) {
      act.done();
      return "created";
    }
    throw new ConflictError(
      "endpoint_not_imported",
      `${path.join(".")}: its uid or id is another endpoint's, or the tenant has ${MOST_ENDPOINTS} endpoints, the most allowed; what comes before it was imported`,
    );
  }

  async #make({ uid, fields, mode }: ReadTenant, by: By | undefined): Promise<Tenant> {
    const { store, clock, audit } = this.#parts;
    const now = clock.now();
    const times = { createdAt: now, updatedAt: now, deletedAt: null };
    const row: Tenant = { ...fields, ...times, id: newId("app", now), uid, mode, madeBy: "api" };
    const change = { uid: [null, uid], mode: [null, mode] } as const;
    const act = audit.act(by, { action: "tenant.create", target: row.id, tenant: row.id, change });
    const made = await store.tenants.create(row, act.row);
    if (made) act.done();
    const known = made ?? (await store.tenants.get(uid));
    if (known) return known;
    throw new ConflictError("uid_taken", `another tenant has the uid ${JSON.stringify(uid)}`);
  }

  /** @throws InvalidInputError naming all URLs that may not be sent to. */
  async #admit(tenants: readonly ReadTenant[]): Promise<void> {
    const problems: FieldProblem[] = [];
    const entries = tenants.flatMap(({ endpoints }) => endpoints);
    for (let from = 0; from < entries.length; from += AT_ONCE)
      await Promise.all(
        entries.slice(from, from + AT_ONCE).map((entry) => this.#admitEntry(entry, problems)),
      );
    if (problems.length > 0) throw new InvalidInputError(problems);
  }

  async #admitEntry({ read, path }: ReadEntry, problems: FieldProblem[]): Promise<void> {
    const { auth, fields } = read;
    const places = [{ url: fields.url, at: ["url"] }];
    if (auth?.shown.kind === "oauth2") places.push({ url: auth.shown.tokenUrl, at: ["auth", "tokenUrl"] });
    for (const { url, at } of places) {
      try {
        await this.#parts.destinations.ofUrl(url).admit(url);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error;
        problems.push(...error.problems.map(({ detail }) => ({ path: [...path, ...at], detail })));
      }
    }
  }
}
