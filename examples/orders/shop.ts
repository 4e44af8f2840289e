import { join } from "node:path";
import { BackgroundRunner, openPosthorn } from "posthorn";
import { scratchFolder } from "../shared/scratch-folder.ts";
import { startMailCatcher } from "./mail-catcher.ts";
import { OrderBook } from "./order-book.ts";
import { PostOffice } from "./post-office.ts";
import { startReceiver } from "./receiver.ts";
import { defineTasks } from "./tasks.ts";

/** All that the order API is made of, except the framework. */
export async function openShop() {
  const mailCatcher = await startMailCatcher();
  const orders = new OrderBook();
  const tasks = defineTasks(orders, new PostOffice(mailCatcher.url));
  const posthorn = await openPosthorn({
    database: join(scratchFolder(), "shop.db"),
    tasks: Object.values(tasks),
    allowTargets: ["127.0.0.1"], // the receiver below; by default only public addresses are delivered to
  });
  const receiver = await startReceiver(posthorn.signingSecret());
  const runner = new BackgroundRunner();

  return {
    orders,
    tasks,
    posthorn,
    runner,
    webhookUrl: receiver.url,
    /** After the server has closed, when no request is left that could add anything. */
    async close() {
      await runner.drain("10s");
      await posthorn.close();
      await Promise.all([receiver.close(), mailCatcher.close()]);
    },
  };
}
