/** Starts the worker with the server, rather than with the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { posthorn } = await import("./lib/posthorn");
  await posthorn();
}
