import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici/index.js";

/** Look-up, TCP and TLS together, in milliseconds. */
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Node tries the addresses of a name one after another and gives up on each but the last after this long. Its default of
 * 250 ms is less than a round trip to the other side of the world; with this value, four addresses fit into the whole time.
 */
const ADDRESS_TIMEOUT_MS = 1_000;

/** @param stepDone called after each step but the last: looking up the name, if there is one, and connecting, if TLS follows. */
export type SteppedConnector = (
  options: buildConnector.Options,
  callback: buildConnector.Callback,
  stepDone?: () => void,
) => void;

/** What is shown in a TLS handshake, and whom it then trusts; PEM. */
export interface TlsIdentity {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/**
 * Connects only to addresses that `addressesFor` returns for a host. The socket is given exactly those, so
 * that no second look-up can return others (DNS rebinding). TLS still verifies the certificate against the name.
 * @param localAddress where connections leave from.
 */
export function guardedConnector(
  addressesFor: (host: string) => readonly string[] | Promise<readonly string[]>,
  { cert, key, ca }: TlsIdentity = {},
  localAddress?: string,
): SteppedConnector {
  const pinned: LookupFunction = (host, { all, family }, callback) => {
    const wanted = localAddress === undefined ? family : isIP(localAddress); // a socket has one family
    resolved(addressesFor, host).then(
      (addresses) => {
        const found = addresses
          .map((address) => ({ address, family: isIP(address) }))
          .filter((one) => !wanted || one.family === wanted);
        const [first] = found;
        if (!first) callback(noAddress(host), []);
        else if (all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
  const build = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: pinned,
    ...(cert !== undefined && { cert, key }),
    ...(ca !== undefined && { ca }),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
  });
  const connect = build as (...given: Parameters<typeof build>) => Socket; // which its type does not say
  return (given, callback, stepDone) => {
    const options = localAddress === undefined ? given : { ...given, localAddress };
    // Sockets do not look addresses up, so `pinned` never sees these.
    if (isIP(options.hostname) === 0) {
      follow(connect(options, callback), options, stepDone);
    } else {
      resolved(addressesFor, options.hostname).then(
        () => follow(connect(options, callback), options, stepDone),
        (error) => callback(error, null),
      );
    }
  };
}

function follow(
  socket: Socket,
  { protocol }: buildConnector.Options,
  stepDone: (() => void) | undefined,
): void {
  if (!stepDone) return;
  socket.once("lookup", (error: Error | null) => error ?? stepDone());
  if (protocol === "https:") socket.once("connect", stepDone);
}

/** A refusal becomes a rejection, and always comes later: undici is not ready for one before its call returns. */
async function resolved(
  addressesFor: (host: string) => readonly string[] | Promise<readonly string[]>,
  host: string,
): Promise<readonly string[]> {
  return addressesFor(host);
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address of ${host} is of the requested family`), { code: "ENOTFOUND" });
}
