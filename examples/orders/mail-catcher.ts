import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { closed, host, urlOf } from "../shared/listening.ts";

/** A mail server that delivers nothing: it prints what it takes. */
export async function startMailCatcher() {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    onData(stream, { envelope }, done) {
      text(stream).then((mail) => {
        const subject = /^Subject: (.*)$/m.exec(mail)?.[1]?.trim();
        console.log(`mail     to ${envelope.rcptTo.map(({ address }) => address)}: ${subject}`);
        done();
      }, done);
    },
  });
  server.listen(0, host);
  return { url: await urlOf(server.server, "smtp"), close: () => closed(server) };
}
