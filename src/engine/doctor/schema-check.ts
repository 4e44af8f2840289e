import { checkOf } from "./finding.ts";

export const schema = checkOf("schema", "Schema", ({ facts }) => {
  const { version, latest } = facts.schema;
  if (version === latest) return { level: "ok", detail: `schema ${version} is this release's` };
  if (version > latest) {
    const detail = `schema ${version} is a newer release's, which this one (schema ${latest}) can work with`;
    return { level: "warn", detail, todo: "finish the upgrade" };
  }
  const detail = `schema ${version} is older than this release's ${latest}`;
  return { level: "bad", detail, todo: "run posthorn migrate" };
});
