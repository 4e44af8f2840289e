/** A request as somebody pastes it. */
export interface Pasted {
  /** In lines, `name: value`, as logs and curl write them. */
  readonly headers: string;
  readonly body: string;
  readonly secret: string;
}

export type Fault =
  | "no_headers"
  | "no_timestamp"
  | "no_secret"
  | "no_v1"
  | "line_end"
  | "reformatted"
  | "other"
  | "no_crypto";

export interface Verdict {
  /** Undefined for one that is genuine. */
  readonly fault: Fault | undefined;
  /** When it was sent, in milliseconds since the epoch, where that is far from now. */
  readonly sentAt?: number;
}

const TOLERANCE_MS = 300_000;
const HEADER =
  /^[\s'"-]*(?:H\s+['"]?)?(?:webhook|svix)-(id|timestamp|signature)['"]?\s*[:=]\s*['"]?(.+?)['",]*\s*$/gim;

/** Whether a request is genuine, and if not, what is wrong with it, as far as that can be told. */
export async function checkRequest({ headers, body, secret }: Pasted, now: number): Promise<Verdict> {
  const given = new Map(
    [...headers.matchAll(HEADER)].map(([, name = "", value = ""]) => [name.toLowerCase(), value]),
  );
  const [id, at, signature] = ["id", "timestamp", "signature"].map((name) => given.get(name));
  if (id === undefined || at === undefined || signature === undefined) return { fault: "no_headers" };
  if (!/^\d+$/.test(at)) return { fault: "no_timestamp" };
  const sentAt = Number(at) * 1_000;
  const age = Math.abs(now - sentAt) > TOLERANCE_MS ? { sentAt } : {};
  const sent = signature.split(" ").filter((each) => each.startsWith("v1,"));
  if (sent.length === 0) return { fault: "no_v1", ...age };
  if (!globalThis.crypto?.subtle) return { fault: "no_crypto", ...age };
  const key = await keyOf(secret.trim());
  if (!key) return { fault: "no_secret", ...age };
  const isSignedAs = async (text: string) => sent.includes(`v1,${await signed(key, `${id}.${at}.${text}`)}`);
  if (await isSignedAs(body)) return { fault: undefined, ...age };
  for (const [fault, texts] of [
    ["line_end", lineEndsOf(body)],
    ["reformatted", spacingsOf(body)],
  ] as const)
    for (const text of texts) if (await isSignedAs(text)) return { fault, ...age };
  return { fault: "other", ...age };
}

function lineEndsOf(body: string): string[] {
  const bare = body.replace(/[\r\n]+$/, "");
  return [bare, `${bare}\n`, `${bare}\r\n`, body.replaceAll("\n", "\r\n")];
}

/** As programs write JSON that they have parsed. */
function spacingsOf(body: string): string[] {
  try {
    const value: unknown = JSON.parse(body);
    return [JSON.stringify(value), JSON.stringify(value, null, 2), spaced(JSON.stringify(value, null, 1))];
  } catch {
    return [];
  }
}

/** `{"a": 1, "b": 2}`, as Python does. */
function spaced(text: string): string {
  return text.replace(/,\n */g, ", ").replace(/\n */g, "");
}

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

async function keyOf(secret: string): Promise<Key | undefined> {
  try {
    const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) =>
      character.charCodeAt(0),
    );
    if (!secret.startsWith("whsec_") || bytes.length === 0) return undefined;
    return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  } catch {
    return undefined; // it is not base64
  }
}

async function signed(key: Key, text: string): Promise<string> {
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(mac)));
}
