import { checkOf } from "./finding.ts";

export const masterKey = checkOf("master_key", "Master key", ({ masterKey: key }) => {
  switch (key.state) {
    case "unneeded":
      return { level: "ok", detail: "no secret is stored yet" };
    case "usable":
      return { level: "ok", detail: "it decrypts the stored secrets" };
    case "unusable":
      return { level: "bad", detail: key.problem };
  }
});
