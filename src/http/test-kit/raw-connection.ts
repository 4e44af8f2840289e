import { connect, type Socket } from "node:net";

/** A TCP connection for speaking HTTP by hand, to send what no client library would. */
export class RawConnection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = "";
  #look: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#look();
    });
    socket.on("error", () => {}); // a reset is an end like any other here
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new RawConnection(socket)));
      socket.once("error", reject);
    });
  }

  send(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  /** Everything received, once it matches or the connection is closed. */
  async received(pattern: RegExp): Promise<string> {
    const matched = new Promise<void>((resolve) => {
      this.#look = () => pattern.test(this.#received) && resolve();
      this.#look();
    });
    await Promise.race([matched, this.closed]);
    const text = this.#received;
    this.#received = "";
    return text;
  }

  /** Goes away without a word. */
  destroy(): void {
    this.socket.destroy();
  }
}
