/**
 * What to say on a Node that Posthorn cannot run on; undefined on any other. The command reads this file first: it is written so that
 * every Node with modules can.
 */
export function tooOldNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return undefined;
  return `Posthorn needs Node 22.18 or later, and this is ${version}; see https://nodejs.org/download`;
}
