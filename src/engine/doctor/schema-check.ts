import type { DoctorCheck } from "./finding.ts";

export const schema: DoctorCheck = ({ facts }) => {
  const { version, latest } = facts.schema;
  const check = "schema";
  if (version === latest) return { check, level: "ok", says: `schema ${version} is this release's` };
  if (version > latest) {
    const says = `schema ${version} is a newer release's, which this one (schema ${latest}) can work with; finish the upgrade`;
    return { check, level: "warn", says };
  }
  return {
    check,
    level: "bad",
    says: `schema ${version} is older than this release's ${latest}; run posthorn migrate`,
  };
};
