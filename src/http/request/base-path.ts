import { getPath } from "hono/utils/url";
import { ConfigurationError } from "../../core/errors.ts";

const BASE_PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;

/** Where in a larger server the API is: the prefix of requests' paths, and of addresses in answers. */
export class BasePath {
  /** Empty at the root, otherwise with a leading slash and no trailing one: `/background`. */
  readonly path: string;

  /** @throws ConfigurationError when it is not written like `/background`. */
  constructor(path: string) {
    if (path !== "" && !BASE_PATH.test(path)) {
      throw new ConfigurationError(
        `basePath is ${JSON.stringify(path)}; write it like "/background", with a leading slash and no trailing one, or leave it out`,
      );
    }
    this.path = path;
  }

  /** A request's path below this one, as Hono reads paths; empty when it is not below it. */
  below(request: Request): string {
    const path = getPath(request);
    if (this.path === "") return path;
    return path.startsWith(`${this.path}/`) ? path.slice(this.path.length) : "";
  }

  /** A route's answer with its addresses corrected, because routes do not know the base path. */
  relocated(answer: Response): Response {
    if (this.path === "") return answer;
    for (const name of ["location", "content-location"]) {
      const address = answer.headers.get(name);
      if (address !== null) answer.headers.set(name, this.path + address);
    }
    return answer;
  }
}
