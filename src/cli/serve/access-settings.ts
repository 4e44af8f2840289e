import { InvalidArgumentError } from "commander";
import { RedactionPaths } from "../../http/redaction/redaction-paths.ts";
import { DEFAULT_ORGANIZATION, SHORTEST_JWT_SECRET } from "../../http/svix/organization.ts";
import { Setting } from "../terminal/setting.ts";
import { commaSeparated, origins, webAddress } from "../terminal/values.ts";
import { hostSetting, portSetting } from "./listen-settings.ts";
import { targetSettings } from "./work-settings.ts";

/** Who reaches the server, what it shows them, and what it may reach. */
export function accessSettings(): Setting[] {
  return [
    new Setting(
      "--dev",
      "POSTHORN_DEV",
      "for development: no API key needed, only this machine is served, and loopback targets are allowed",
    ).default(false, "off"),
    hostSetting(),
    portSetting(),
    ...portalSettings(),
    new Setting(
      "--redact <list>",
      "POSTHORN_REDACT",
      "what else to hide from keys that see payloads redacted, besides values named like secrets: $.customer.email,**.street",
    ).takes(redactionPaths, ""),
    ...targetSettings(),
    ...svixSettings(),
    new Setting("--no-console", "POSTHORN_NO_CONSOLE", "no pages at /console"),
  ];
}

function portalSettings(): Setting[] {
  return [
    new Setting(
      "--public-url <url>",
      "POSTHORN_PUBLIC_URL",
      "where browsers reach the server, for links to the portal (default: the address of the request)",
    ).takes(webAddress),
    new Setting(
      "--portal-origins <list>",
      "POSTHORN_PORTAL_ORIGINS",
      "origins of the pages that may show the portal in a frame, separated by commas",
    ).takes(origins, ""),
    new Setting(
      "--portal-logo <file>",
      "POSTHORN_PORTAL_LOGO",
      "a picture to show above the portal's pages: SVG, PNG, WebP or JPEG, at most 100 KiB (default: none)",
    ),
  ];
}

function svixSettings(): Setting[] {
  return [
    new Setting(
      "--svix-jwt-secret <secret>",
      "POSTHORN_SVIX_JWT_SECRET",
      "for the API at /api/v1, accept tokens signed with this secret, as Svix servers do (default: API keys only)",
    ).takes(jwtSecret),
    new Setting(
      "--svix-organization <id>",
      "POSTHORN_SVIX_ORGANIZATION",
      "the organization whose tokens are accepted; or any, and then all organizations share everything",
    ).takes(organization, DEFAULT_ORGANIZATION),
  ];
}

function redactionPaths(text: string): string[] {
  const paths = commaSeparated(text);
  try {
    new RedactionPaths(paths);
    return paths;
  } catch {
    throw new InvalidArgumentError("It takes paths such as $.customer.email,**.street, separated by commas.");
  }
}

function jwtSecret(text: string): string {
  if (text.length >= SHORTEST_JWT_SECRET) return text;
  throw new InvalidArgumentError(
    `It takes at least ${SHORTEST_JWT_SECRET} characters, or tokens could be forged.`,
  );
}

function organization(text: string): string {
  if (text === "any" || text.startsWith("org_")) return text;
  throw new InvalidArgumentError("It takes the id of an organization (org_…), or any.");
}
