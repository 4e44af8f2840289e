import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, isIPv6, type Socket } from "node:net";
import { buildConnector } from "undici/index.js";
import { isError } from "../../core/errors.ts";
import { CONNECT_TIMEOUT_MS, type SteppedConnector, type TlsIdentity } from "./connector.ts";
import type { Egress, EgressProxy } from "./egress.ts";
import { EgressProxyError } from "./egress-proxy-error.ts";

/** Of a name with more addresses, the first ones are tried. */
const MOST_ADDRESSES = 4;

/**
 * Connects through a proxy. The proxy is told an address that was checked here, not the name, so that it does not look it up
 * again and reach another. TLS goes through the tunnel, and verifies the certificate against the name.
 */
export function tunnelConnector(
  addressesFor: (host: string) => readonly string[] | Promise<readonly string[]>,
  proxy: EgressProxy,
  localAddress: Egress["address"],
  { cert, key, ca }: TlsIdentity,
): SteppedConnector {
  const secure = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    ...(cert !== undefined && { cert, key }),
    ...(ca !== undefined && { ca }),
  });
  const tunnel = async (host: string, port: string, stepDone?: () => void): Promise<Socket> => {
    const addresses = (await addressesFor(host)).slice(0, MOST_ADDRESSES);
    if (isIP(host) === 0) stepDone?.();
    const limit = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    let failure: unknown;
    for (const address of addresses) {
      try {
        return await openTunnel(proxy, localAddress, authorityOf(address, port), limit);
      } catch (error) {
        failure = error;
        if (!(error instanceof EgressProxyError) || error.class !== "connect") break; // another address would not help
      }
    }
    throw failure ?? new EgressProxyError(`${host} has no address`, "connect");
  };
  return (options, callback, stepDone) => {
    const isSecure = options.protocol === "https:";
    const port = options.port || (isSecure ? "443" : "80");
    tunnel(options.hostname, port, stepDone).then(
      (socket) => {
        if (isSecure) {
          stepDone?.();
          secure({ ...options, httpSocket: socket }, callback);
        } else callback(null, socket);
      },
      (error) => callback(error, null),
    );
  };
}

function authorityOf(address: string, port: string): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function openTunnel(
  { protocol, host, port, authorization }: EgressProxy,
  localAddress: string | undefined,
  authority: string,
  signal: AbortSignal,
): Promise<Socket> {
  const at = `the egress proxy ${authorityOf(host, String(port))}`;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const open = protocol === "https:" ? httpsRequest : httpRequest;
  const request: ClientRequest = open({
    ...{ method: "CONNECT", host, port, path: authority, agent: false, signal },
    headers: { host: authority, ...(authorization && { "proxy-authorization": authorization }) },
    ...(localAddress !== undefined && { localAddress }),
  });
  request
    .once("connect", ({ statusCode = 0 }, socket, head) => {
      if (statusCode >= 200 && statusCode <= 299) {
        if (head.length > 0) socket.unshift(head);
        socket.setNoDelay(true).setKeepAlive(true, 60_000);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(
        new EgressProxyError(`${at} answered HTTP ${statusCode}${remarkOn(statusCode)}`, classOf(statusCode)),
      );
    })
    // what comes after a tunnel is open, or was refused, is told on the socket
    .on("error", (error) => {
      const why = signal.aborted ? `no answer within ${CONNECT_TIMEOUT_MS / 1_000} s` : codeOf(error);
      reject(new EgressProxyError(`${at} cannot be used: ${why}`, "error"));
    })
    .end();
  return promise;
}

function classOf(status: number): EgressProxyError["class"] {
  if (status === 403) return "blocked";
  return status === 502 || status === 503 || status === 504 ? "connect" : "error";
}

function remarkOn(status: number): string {
  if (status === 403) return ": it does not allow this target";
  if (status === 407) return ": it wants other credentials";
  return classOf(status) === "connect" ? ": it did not reach the target" : "";
}

/** Not the message, which other libraries write. */
function codeOf(error: unknown): string {
  return isError(error) && "code" in error && typeof error.code === "string" ? error.code : "it broke off";
}
