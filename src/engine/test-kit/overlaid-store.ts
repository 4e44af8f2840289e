import type { Store } from "../../store/store.ts";

/** A real store, but for the methods given here: to count, to delay, to fail. */
export function overlaid(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const value: unknown = Reflect.get(target, name);
      // its private fields are not the proxy's
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
