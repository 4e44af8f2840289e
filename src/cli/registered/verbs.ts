import type { Verb } from "./noun.ts";

/** A verb that is the last part of its path. */
export function at(
  path: string,
  name: string,
  description: string,
  more: Pick<Verb, "fields" | "meetsTargets"> & Partial<Pick<Verb, "method">> = {},
): Verb {
  return { name, description, method: "POST", path: `${path}/${name}`, ...more };
}

/** What can be done with one of them. */
export function described(
  path: string,
  what: string,
  update: Pick<Verb, "fields" | "meetsTargets">,
): readonly Verb[] {
  return [
    { name: "show", description: `Prints ${what}.`, method: "GET", path },
    {
      name: "update",
      description: `Changes ${what}: fields that are not given stay as they are, name=null clears one.`,
      method: "PATCH",
      path,
      ...update,
    },
    { name: "delete", description: `Deletes ${what}.`, method: "DELETE", path },
  ];
}
