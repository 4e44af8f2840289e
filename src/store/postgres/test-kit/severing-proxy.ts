import { connect } from "node:net";
import { startStandIn } from "./stand-in.ts";

/** Stands between a store and its server, as a pooler may, and can lose the answer to a commit. */
export interface SeveringProxy {
  /** The same database, through the proxy. */
  readonly url: string;
  /** The next commit reaches the server; what it answers is lost, with the connection. */
  severAtNextCommit(): void;
  /** The same, and nothing else that came with it is passed on: as a pooler does that has lost its server, it says so. */
  lamentAtNextCommit(): void;
  stop(): Promise<void>;
}

/** Of a message: its type, and its length. */
const HEAD_BYTES = 5;

const FIELDS = "SFATAL\0VFATAL\0C08P01\0Mserver conn crashed?\0\0";
/** ErrorResponse, https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SERVER_LOST = Buffer.concat([
  Buffer.from("E\0\0\0"),
  Buffer.from([4 + FIELDS.length]),
  Buffer.from(FIELDS),
]);

export async function startSeveringProxy(url: string): Promise<SeveringProxy> {
  const target = new URL(url);
  let armed: "sever" | "lament" | undefined;
  const standIn = await startStandIn(url, (client, keep) => {
    const upstream = connect(Number(target.port), target.hostname);
    keep(upstream);
    client.pipe(upstream);
    upstream.on("data", (chunk) => {
      const at = armed ? chunk.indexOf("COMMIT\0") : -1;
      if (at === -1) client.write(chunk);
      else {
        const last = armed === "lament" ? SERVER_LOST : chunk.subarray(0, at - HEAD_BYTES);
        armed = undefined;
        client.write(last, () => client.destroy());
      }
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  return {
    ...standIn,
    severAtNextCommit() {
      armed = "sever";
    },
    lamentAtNextCommit() {
      armed = "lament";
    },
  };
}
