import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const SRC = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * The command line in a few files, for the tests' many processes: each starts with half of the processor time that it takes to find
 * and load all modules one by one.
 * @returns the file to start.
 */
export async function bundleCommandLine(folder: string): Promise<string> {
  const build = await rolldown({
    input: { main: join(SRC, "cli/main.ts") },
    platform: "node",
    logLevel: "silent",
    external: ["pg-native"], // which may be missing
    plugins: [
      {
        name: "where it was",
        resolveId: (name) => (name === "rolldown" ? { id: import.meta.resolve(name), external: true } : null),
        // files and threads are found next to the module that asks for them
        transform: (code, id) =>
          id.startsWith(SRC)
            ? code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href))
            : null,
      },
    ],
  });
  const names = { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" };
  await build.write({ dir: folder, keepNames: true, ...names }).finally(() => build.close());
  return join(folder, "main.mjs");
}
