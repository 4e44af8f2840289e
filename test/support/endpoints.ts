import { newId } from "../../src/core/id.ts";
import type { Posthorn } from "../../src/posthorn.ts";
import { SecretBox } from "../../src/secrets/secret-box.ts";
import type { Endpoint } from "../../src/store/shelves/endpoints.ts";
import type { Tenant } from "../../src/store/shelves/tenants.ts";
import { storeOf } from "../../src/store/store-of.ts";
import { newEndpoint, newTenant } from "../../src/store/test-kit/shelves/registered.ts";
import { EndpointSecrets } from "../../src/webhooks/endpoints/endpoint-secrets.ts";
import { newSecret } from "../../src/webhooks/signing/signing-key.ts";

export const MASTER_KEY = Buffer.alloc(32, 7).toString("base64");

/** Registers tenants and endpoints by their rows, each endpoint with a secret of its own. */
export class Registered {
  readonly #posthorn: Posthorn;
  readonly #sealed = new EndpointSecrets(SecretBox.open(MASTER_KEY));

  /** @param posthorn opened with `MASTER_KEY`. */
  constructor(posthorn: Posthorn) {
    this.#posthorn = posthorn;
  }

  async tenant(uid: string): Promise<Tenant> {
    const tenant = newTenant({ uid });
    await storeOf(this.#posthorn).tenants.create(tenant);
    return tenant;
  }

  async endpoint(
    tenant: Tenant,
    url: string,
    fields: Partial<Endpoint> = {},
  ): Promise<Endpoint & { readonly secret: string }> {
    const [id, secret] = [newId("ep"), newSecret()];
    const secrets = this.#sealed.seal(id, [{ key: secret, from: 0, until: null }]);
    const endpoint = newEndpoint(tenant.id, { id, url, secrets, ...fields });
    await storeOf(this.#posthorn).endpoints.create(endpoint);
    return { ...endpoint, secret };
  }
}
