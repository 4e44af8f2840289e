import type { DoctorCheck } from "./finding.ts";

export const masterKey: DoctorCheck = ({ masterKey: key }) => {
  const check = "master key";
  switch (key.state) {
    case "unneeded":
      return { check, level: "ok", says: "no secret is kept yet" };
    case "usable":
      return { check, level: "ok", says: "it opens what it sealed" };
    case "unusable":
      return { check, level: "bad", says: key.problem };
  }
};
