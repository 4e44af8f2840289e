/** Ends well, and leaves something behind that breaks its thread a little later. */
export default function leave({ how, ms }: { how: string; ms: number }): string {
  if (how === "rejection") setTimeout(() => Promise.reject(new Error("left behind")), ms);
  if (how === "throw") {
    setTimeout(() => {
      throw new Error("left behind");
    }, ms);
  }
  if (how === "async") void sleepAndThrow(ms);
  if (how === "exit") setTimeout(() => process.exit(4), ms);
  return "done";
}

async function sleepAndThrow(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  throw new Error("left behind");
}
