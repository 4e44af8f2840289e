import { ConfigurationError } from "../errors.ts";
import { jsonIn } from "../job-content.ts";
import { MOST_LABELS, wrongTag } from "../names.ts";
import type { Origin } from "../origin.ts";
import { Decimal } from "./decimal.ts";
import { isJsonList, isJsonObject, type Json } from "./exact-json.ts";

interface NamedPath {
  readonly name: string;
  /** The members from the outermost in. */
  readonly steps: readonly string[];
}

const PATH = /^\$(?:\.[^.\s=[\]]+|\[\d+\])+$/;
const STEP = /\.([^.\s=[\]]+)|\[(\d+)\]/g;

/** Tags that are read out of payloads: with `{order: "$.data.id"}`, a job whose payload has 42 there is tagged `order:42`. */
export class PayloadTags {
  static readonly none = new PayloadTags({});

  readonly #paths: readonly NamedPath[];

  /** @throws ConfigurationError naming the tag whose name or path is wrong. */
  constructor(paths: Readonly<Record<string, string>>) {
    if (typeof paths !== "object" || paths === null || Array.isArray(paths))
      throw new ConfigurationError('payloadTags must be an object such as { order: "$.data.id" }');
    this.#paths = Object.entries(paths).map(([name, path]) => {
      const problem = wrongTag(name);
      if (problem) throw new ConfigurationError(`payloadTags: the name ${JSON.stringify(name)} ${problem}`);
      if (typeof path !== "string" || !PATH.test(path))
        throw new ConfigurationError(
          `payloadTags: the path of ${name} must be like $.data.id or $.items[0].id`,
        );
      return { name, steps: [...path.matchAll(STEP)].map(([, member, place]) => member ?? place ?? "") };
    });
  }

  /** What a caller gave, and what is read: strings, numbers and booleans that make a tag, until there are ten. */
  with(given: readonly string[] | undefined, payload: () => string): readonly string[] | undefined {
    if (this.#paths.length === 0) return given;
    const root = jsonIn(payload());
    const read = this.#paths.flatMap(({ name, steps }) => {
      const value = valueAt(root, steps);
      const tag = value === undefined ? "" : `${name}:${value}`;
      return wrongTag(tag) === undefined ? [tag] : [];
    });
    const tags = [...new Set([...(given ?? []), ...read])].slice(0, MOST_LABELS);
    return tags.length > 0 ? tags : undefined;
  }

  /** A job with the tags of its payload. */
  onto<Job extends { readonly payload: string; readonly origin?: Origin }>(job: Job): Job {
    const tags = this.with(job.origin?.tags, () => job.payload);
    return tags === job.origin?.tags ? job : { ...job, origin: { ...job.origin, ...(tags && { tags }) } };
  }
}

/** The text of a value that is not a list, an object or null. */
function valueAt(root: Json | undefined, steps: readonly string[]): string | undefined {
  let value = root;
  for (const step of steps) {
    if (isJsonList(value)) value = value[Number(step)];
    else if (isJsonObject(value)) value = Object.hasOwn(value, step) ? value[step] : undefined;
    else return undefined;
  }
  if (value instanceof Decimal) return value.text;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}
