/** Calls `stop` once, on Ctrl-C or SIGTERM; a second signal ends the process immediately. */
export function onStop(stop: () => Promise<unknown>): void {
  const begin = () => {
    process.off("SIGINT", begin).off("SIGTERM", begin);
    console.log("stopping");
    void stop(); // a rejection ends the process, as it should
  };
  process.on("SIGINT", begin).on("SIGTERM", begin);
}
