/** What to type to run this command line the way it was installed: `npx posthorn`, or in the repository its npm script. */
export function invocation(): string {
  return import.meta.url.endsWith(".ts") ? "npm run posthorn --" : "npx posthorn";
}
