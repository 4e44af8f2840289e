import { signal } from "@preact/signals";

/** What the address says is shown, behind `#`: `/endpoints/ep_1`. It needs nothing of the server, and works in a frame. */
export const route = signal(pathNow());

addEventListener("hashchange", () => {
  route.value = pathNow();
});

export function href(path: string): string {
  return `#${path}`;
}

export function go(path: string): void {
  location.hash = path;
}

/** The parts of the path that stand for `:name` in a pattern; undefined when it is another path. */
export function matched(pattern: string, path: string): readonly string[] | undefined {
  const [wanted, given] = [pattern, path].map((each) => each.split("/"));
  if (!wanted || wanted.length !== given?.length) return undefined;
  const values: string[] = [];
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":")) values.push(decodeURIComponent(value));
    else if (part !== value) return undefined;
  }
  return values;
}

function pathNow(): string {
  return location.hash.startsWith("#/") ? location.hash.slice(1) : "/";
}
