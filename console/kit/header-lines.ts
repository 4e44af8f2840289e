const LINE = /^\s*([^\s:]+)\s*:\s*(\S.*?)\s*$/;

/** Headers as they are typed, one per line; null for none, which removes the existing ones. */
export function headersIn(text: string): Readonly<Record<string, string>> | null {
  const found = linesOf(text).flatMap((line) => {
    const [, name = "", value = ""] = LINE.exec(line) ?? [];
    return name === "" ? [] : [[name, value] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}

/** How many lines are not a header: they have no name, or no value. */
export function linesWithout(text: string): number {
  return linesOf(text).filter((line) => !LINE.test(line)).length;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== "");
}
