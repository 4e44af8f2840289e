/** Those that were named, in the catalogue's order; "steady" names all of "steady-100", "steady-500", … */
export function select<Named extends { readonly name: string }>(
  kind: string,
  all: readonly Named[],
  names: readonly string[],
): Named[] {
  const fits = (name: string, item: Named) => item.name === name || item.name.startsWith(`${name}-`);
  for (const name of names) {
    if (!all.some((item) => fits(name, item))) {
      throw new Error(`there is no ${kind} "${name}"; there are ${all.map(({ name }) => name).join(", ")}`);
    }
  }
  // a full name means itself alone, though others may begin with it
  const exact = names.filter((name) => all.some((item) => item.name === name));
  return all.filter((item) =>
    names.some((name) => (exact.includes(name) ? item.name === name : fits(name, item))),
  );
}
