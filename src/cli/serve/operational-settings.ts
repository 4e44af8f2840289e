import { InvalidArgumentError } from "commander";
import { Setting } from "../terminal/setting.ts";

/** Where Posthorn sends events about itself. */
export function operationalSettings(): Setting[] {
  return [
    new Setting(
      "--operational-url <url>",
      "POSTHORN_OPERATIONAL_URL",
      "where to send operational events: an endpoint was disabled, deliveries keep failing, a bulk run has ended",
    ).takes(targetUrl),
    new Setting(
      "--operational-secret <secret>",
      "POSTHORN_OPERATIONAL_SECRET",
      "whsec_… that signs operational events (default: generated and stored)",
    ),
  ];
}

/** What is wrong with it is said once it is known which targets are allowed. */
function targetUrl(text: string): string {
  if (URL.canParse(text)) return text;
  throw new InvalidArgumentError("It takes a URL, such as https://alerts.example.com/posthorn.");
}
