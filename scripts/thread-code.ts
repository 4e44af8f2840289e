import { rolldown } from "rolldown";

/**
 * The module that a thread begins with and all that it imports, in one script. It loads Node's modules in the one way that Bun and
 * Deno, too, know in code that is given as a string.
 */
export async function threadCode(entry: string): Promise<string> {
  const build = await rolldown({ input: entry, platform: "node" });
  const { output } = await build
    .generate({
      format: "iife",
      comments: false,
      globals: (name) => `process.getBuiltinModule(${JSON.stringify(name)})`,
    })
    .finally(() => build.close());
  const [{ code }] = output;
  return code;
}
