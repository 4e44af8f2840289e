import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { startStandIn } from "./stand-in.ts";

/** What a test names in `sslrootcert`, or has a server show. */
export function certificatePath(name: CertificateName | "authority"): string {
  return fileURLToPath(new URL(`certificates/${name}.pem`, import.meta.url));
}

/** All but `self-signed` are signed by `authority`, and all but `elsewhere` are for localhost and 127.0.0.1. */
export type CertificateName = "localhost" | "elsewhere" | "expired" | "self-signed";

const KEY = readFileSync(new URL("certificates/server.key", import.meta.url));
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Stands before a PostgreSQL and takes TLS in its place, with such a certificate; and nothing without TLS. */
export async function startTlsProxy(url: string, certificate: CertificateName) {
  const target = new URL(url);
  const secureContext = createSecureContext({ key: KEY, cert: readFileSync(certificatePath(certificate)) });
  return startStandIn(url, (raw, keep) => {
    raw.once("data", (first) => {
      if (!first.equals(SSL_REQUEST)) {
        raw.destroy();
        return;
      }
      raw.write("S");
      const client = new TLSSocket(raw, { isServer: true, secureContext });
      const upstream = connect(Number(target.port), target.hostname);
      keep(client);
      keep(upstream);
      client.pipe(upstream).pipe(client);
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
    });
  });
}
