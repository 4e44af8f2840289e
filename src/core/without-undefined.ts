type Given<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The members that have a value, for options whose absence means their default. It copies, so it is not for what happens with each job.
 * @example
 * withoutUndefined({ lane: undefined, priority: 0 }) // { priority: 0 }
 */
export function withoutUndefined<T extends object>(members: T): Given<T> {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Given<T>; // the type says the same
}
