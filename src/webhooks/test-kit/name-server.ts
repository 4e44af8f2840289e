import { createSocket, type RemoteInfo } from "node:dgram";

/** What a name server says of a name: addresses, or the DNS response code (RFC 1035 §4.1.1) 2 (failed) or 3 (no such name). */
export type Zone = Readonly<Record<string, Addresses | 2 | 3>>;

interface Addresses {
  /** `silent`: the query is dropped. */
  readonly a?: readonly string[] | 3 | "silent";
  readonly aaaa?: readonly string[] | "silent";
}

/** A DNS server on loopback, to be asked over UDP; it counts what it is asked. */
export interface NameServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly asked: string[];
  readonly answered: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param mayAnswer holds an answer back until it resolves. */
export async function nameServer(
  zone: Zone,
  mayAnswer: (type: "A" | "AAAA") => Promise<void> | undefined = () => undefined,
): Promise<NameServer> {
  const [asked, answered]: [string[], string[]] = [[], []];
  const socket = createSocket("udp4");
  socket.on("message", async (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = questionOf(query);
    const family = type === A ? "A" : "AAAA";
    asked.push(`${name} ${family}`);
    await mayAnswer(family);
    const known = zone[name] ?? 3;
    const said = typeof known === "number" ? known : ((type === A ? known.a : known.aaaa) ?? []);
    if (said === "silent") return;
    socket.send(answerTo(query.subarray(0, end), type, said), from.port, from.address);
    answered.push(`${name} ${family}`);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    ...{ asked, answered },
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const A = 1;

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** `head` is the query up to the end of its question, which the answer repeats. */
function answerTo(head: Buffer, type: number, said: readonly string[] | 2 | 3): Buffer {
  const found = typeof said === "number" ? [] : said;
  const answer = Buffer.from(head);
  answer.writeUInt16BE(0x8180 | (typeof said === "number" ? said : 0), 2);
  answer.writeUInt16BE(found.length, 6);
  answer.writeUInt32BE(0, 8); // no further sections, whatever the query had
  return Buffer.concat([answer, ...found.map((address) => record(type, address))]);
}

function record(type: number, address: string): Buffer {
  const bytes = type === A ? address.split(".").map(Number) : address.split(":").flatMap(bytesOfGroup);
  const header = [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length]; // the question's name, class IN, 60 s
  return Buffer.from([...header, ...bytes]);
}

function bytesOfGroup(group: string): number[] {
  const value = Number.parseInt(group, 16);
  return [value >> 8, value & 255];
}
