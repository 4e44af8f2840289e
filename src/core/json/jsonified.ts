/**
 * A value's type after it was stored as JSON and read again: a `Date` becomes a string; an object with `toJSON` becomes what that returns;
 * functions, symbols and `undefined` are left out; a `Map` or a `Set` is refused.
 */
export type Jsonified<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : Value extends { toJSON(...args: never): infer Written }
      ? Jsonified<Written>
      : Value extends Unwritable
        ? never
        : Value extends readonly unknown[]
          ? { [Index in keyof Value]: Jsonified<Value[Index]> }
          : Value extends object
            ? {
                [Name in keyof Value as Name extends symbol
                  ? never
                  : Value[Name] extends LeftOut
                    ? never
                    : Name]: Jsonified<Value[Name]>;
              }
            : never;

/** Members of these types are left out of JSON. */
type LeftOut = symbol | ((...args: never) => unknown);

/** JSON has no such values, or would write them as `{}`. */
type Unwritable = LeftOut | bigint | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Promise<unknown>;
