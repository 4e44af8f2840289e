/** Throws where nobody can catch it. */
export default async function crash(): Promise<void> {
  setImmediate(() => {
    throw new Error("thrown out of a timer");
  });
  await new Promise(() => setInterval(() => {}, 1_000));
}
