/**
 * Lets `instanceof` know the instances that another copy of this package made. A bundler often puts two into one process: Next.js one
 * for its routes and one for its instrumentation.
 * @example
 * class Discard {
 *   static {
 *     knownAnywhere(Discard, "Discard");
 *   }
 * }
 */
export function knownAnywhere(type: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`posthorn.${name}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type, Symbol.hasInstance, { value: hasInstance });

  function hasInstance(this: { readonly prototype: object }, value: unknown): boolean {
    // a class that extends this one inherits the function, but not the mark
    if (!Object.hasOwn(this.prototype, mark))
      return Reflect.apply(Function.prototype[Symbol.hasInstance], this, [value]);
    return typeof value === "object" && value !== null && mark in value;
  }
}
