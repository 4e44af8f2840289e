import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { collectProblems, wrong } from "../../core/options.ts";

/** The client certificate for a TLS handshake, and the authorities to trust, in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  /** Identifies the certificate: connections are only shared between endpoints with the same one. */
  readonly id: string;
}

/** The public part of a client certificate. */
export interface ShownCertificate {
  readonly subject: string;
  /** SHA-256 of the certificate, in hexadecimal with colons. */
  readonly fingerprint: string;
  readonly expiresAt: Date;
  /** Whether only the endpoint's own certificate authorities are trusted. */
  readonly hasCa: boolean;
}

type Pem = Omit<ClientCertificate, "id">;

export function clientCertificate(pem: Pem): ClientCertificate {
  const id = createHash("sha256")
    .update(JSON.stringify([pem.cert, pem.key, pem.ca]))
    .digest("base64url");
  return { ...pem, id };
}

/** @throws InvalidInputError naming the part that cannot be used, without repeating anything of the key. */
export function readCertificate({ cert, key, ca }: Pem): ShownCertificate {
  const problems: FieldProblem[] = [];
  const certificate = collectProblems(problems, () => parsed(cert, "certificate"));
  const privateKey = collectProblems(problems, () => {
    try {
      return createPrivateKey(key);
    } catch {
      throw wrong(["auth", "key"], "must be a private key in PEM, not encrypted");
    }
  });
  if (ca !== undefined) collectProblems(problems, () => parsed(ca, "ca"));
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey))
    problems.push({ path: ["auth", "key"], detail: "is not the key of the certificate" });
  if (problems.length > 0 || !certificate) throw new InvalidInputError(problems);
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    fingerprint: certificate.fingerprint256,
    expiresAt: new Date(certificate.validTo),
    hasCa: ca !== undefined,
  };
}

/** The first of those that are in it. */
function parsed(pem: string, member: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw wrong(["auth", member], "must be a certificate in PEM");
  }
}
