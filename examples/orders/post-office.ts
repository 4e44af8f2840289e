import { createTransport, type SendMailOptions } from "nodemailer";

/** Sends mail by SMTP. A mail that the server does not take is an error, and the job's next attempt sends it. */
export class PostOffice {
  readonly #transport;

  /** @param smtpUrl `smtp://host:port` */
  constructor(smtpUrl: string) {
    // Nodemailer knows no AbortSignal: its own time limits have to be shorter than the task's.
    this.#transport = createTransport({ url: smtpUrl, connectionTimeout: 5_000, socketTimeout: 10_000 });
  }

  async send(mail: SendMailOptions): Promise<void> {
    await this.#transport.sendMail({ from: "shop@shop.example", ...mail });
  }
}
