import type { Store } from "./store.ts";

/** Methods, part by part, that stand in for a store's own. */
export type Overlay = { readonly [Part in keyof Store]?: Partial<Store[Part]> };

/** A real store, except for the methods given here: to count, to hold back, to fail. */
export function overlaid(store: Store, overlay: Overlay): Store {
  const parts = Object.entries(store).map(([name, part]) => {
    const given: unknown = Reflect.get(overlay, name);
    if (given === undefined) return [name, part];
    return [name, typeof part === "object" && typeof given === "object" ? withMethods(part, given) : given];
  });
  return Object.fromEntries(parts) as Store; // it has the parts of one
}

function withMethods<Part extends object>(part: Part, methods: object | null): Part {
  return new Proxy(part, {
    get(target, name) {
      const replaced: unknown = methods && Reflect.get(methods, name);
      if (replaced) return replaced;
      const value: unknown = Reflect.get(target, name);
      // its private fields are not the proxy's
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
