/**
 * What is wrong with an endpoint's address, as far as a browser can tell. HTTP is for servers that allow it: a server that does not allow
 * it refuses.
 * @param isWhole otherwise it is still being typed, and may become one.
 */
export function addressFault(
  typed: string,
  isWhole: boolean,
): "notHttps" | "notAddress" | "withPassword" | undefined {
  if (typed === "") return undefined;
  const isStart = ["https://", "http://"].some(
    (scheme) => scheme.startsWith(typed.toLowerCase()) || typed.toLowerCase().startsWith(scheme),
  );
  if (!isStart) return "notHttps";
  const url = URL.parse(typed);
  if (url && (url.username !== "" || url.password !== "")) return "withPassword";
  return isWhole && !url ? "notAddress" : undefined;
}
