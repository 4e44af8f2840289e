import { checkOf } from "./finding.ts";

export const masterKey = checkOf("master_key", "Master key", ({ masterKey: key }) => {
  switch (key.state) {
    case "unneeded":
      return { level: "ok", detail: "no secret is kept yet" };
    case "usable":
      return { level: "ok", detail: "it opens what it sealed" };
    case "unusable":
      return { level: "bad", detail: key.problem };
  }
});
