import { neighbour } from "./neighbour.ts";

/** Ends well, and leaves something behind that breaks its thread: at once, or in the midst of the next handler, `linger`. */
export default function leave({ how, when }: { how: string; when: "idle" | "amid another" }): string {
  const begins = when === "idle" ? Promise.resolve() : neighbour.promise;
  void begins.then(() => setTimeout(BREAKS[how] ?? (() => {}), 30));
  return "done";
}

const BREAKS: Readonly<Record<string, () => void>> = {
  rejection: () => void Promise.reject(new Error("left behind")),
  throw: () => {
    throw new Error("left behind");
  },
  async: async () => {
    throw new Error("left behind");
  },
  exit: () => process.exit(4),
};
