import { BY_ITSELF } from "../../core/actor.ts";
import { ConfigurationError, ConflictError, InvalidInputError, NotFoundError } from "../../core/errors.ts";
import { OPERATORS } from "../../core/names.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { EndpointSecrets } from "../endpoints/endpoint-secrets.ts";
import type { Endpoints } from "../endpoints/endpoints.ts";

/** Where operational events go besides the endpoints that operators register themselves. */
export interface OperationalOptions {
  readonly url: string;
  /** `whsec_…` or `whsk_…`; undefined to keep the one that it has, or to have one made. */
  readonly secret: string | undefined;
}

export interface OperationalEndpointParts {
  readonly endpoints: Pick<Endpoints, "find" | "create" | "patch" | "enable" | "rotateSecret">;
  readonly sealed: Pick<EndpointSecrets, "open">;
}

/** The uid of the endpoint that the option makes. */
const OPERATIONAL_URL = "operational-url";

const BY = { actor: BY_ITSELF, reason: "as the options of this process say" };

/**
 * Makes sure that the reserved tenant has the endpoint that the options ask for. Its other settings stay as they are.
 * @throws ConfigurationError for a URL or a secret that is wrong.
 */
export async function declareOperationalEndpoint(
  parts: OperationalEndpointParts,
  options: OperationalOptions,
): Promise<void> {
  try {
    const known = await found(parts.endpoints);
    if (known) return await adjusted(known, parts, options);
    const { url, secret } = options;
    const description = "Operational events, to the URL in the server's options";
    await parts.endpoints.create(
      OPERATORS,
      { uid: OPERATIONAL_URL, url, description, ...(secret !== undefined && { secret }) },
      BY,
    );
  } catch (error) {
    // another process that starts has just made it
    if (error instanceof ConflictError && error.code === "uid_taken")
      return declareOperationalEndpoint(parts, options);
    if (!(error instanceof InvalidInputError)) throw error;
    const [{ path, detail } = { path: ["url"], detail: error.message }] = error.problems;
    const option =
      path[0] === "secret"
        ? "operationalSecret (--operational-secret)"
        : "operationalUrl (--operational-url)";
    throw new ConfigurationError(`${option} ${detail}`);
  }
}

async function adjusted(
  known: Endpoint,
  { endpoints, sealed }: OperationalEndpointParts,
  { url, secret }: OperationalOptions,
): Promise<void> {
  const { tenant, id } = known;
  if (known.url !== url) {
    await endpoints.patch(tenant, id, { url }, BY);
    // that was another endpoint, before the URL changed
    if (known.status === "disabled") await endpoints.enable(tenant, id, BY);
  }
  const [current] = sealed.open(id, known.secrets);
  if (secret !== undefined && secret !== current?.key)
    await endpoints.rotateSecret(tenant, id, { secret }, BY);
}

async function found(endpoints: Pick<Endpoints, "find">): Promise<Endpoint | undefined> {
  try {
    return await endpoints.find(OPERATORS, OPERATIONAL_URL);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
