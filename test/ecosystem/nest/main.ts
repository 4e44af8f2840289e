import "reflect-metadata";
import { Controller, Inject, Injectable, Module, type OnApplicationShutdown, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { openPosthorn, type Posthorn, task } from "posthorn";
import { mountPosthorn } from "posthorn/express";

const POSTHORN = Symbol("posthorn");
const sendReceipt = task<{ orderId: string }, string>("send-receipt");

@Injectable()
class Mailer {
  send(orderId: string): string {
    return `receipt for ${orderId}`;
  }
}

@Controller("orders")
class OrdersController {
  readonly #posthorn: Posthorn;

  constructor(@Inject(POSTHORN) posthorn: Posthorn) {
    this.#posthorn = posthorn;
  }

  @Post()
  create(): Promise<{ jobId: string }> {
    return this.#posthorn.enqueue(sendReceipt, { orderId: "42" });
  }
}

@Module({
  controllers: [OrdersController],
  providers: [
    Mailer,
    { provide: POSTHORN, useFactory: () => openPosthorn({ database: "app.db", tasks: [sendReceipt] }) },
  ],
  exports: [POSTHORN],
})
class BackgroundModule implements OnApplicationShutdown {
  readonly #posthorn: Posthorn;

  constructor(@Inject(POSTHORN) posthorn: Posthorn, @Inject(Mailer) mailer: Mailer) {
    this.#posthorn = posthorn;
    posthorn.work(sendReceipt, ({ orderId }) => mailer.send(orderId));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#posthorn.close();
  }
}

async function main(): Promise<void> {
  const app = await NestFactory.create(BackgroundModule, { logger: ["error"], bodyParser: false });
  const posthorn = app.get<Posthorn>(POSTHORN);
  mountPosthorn(app.getHttpAdapter().getInstance(), posthorn, { basePath: "/background", access: "dev" });
  await app.listen(0, "127.0.0.1");
  const url = await app.getUrl();
  const answer = await fetch(`${url}/orders`, { method: "POST" });
  const { jobId } = (await answer.json()) as { jobId: string };
  const { result } = await posthorn.result(sendReceipt, jobId, "20s");
  const seen = await fetch(`${url}/background/jobs/${jobId}`);
  if (result !== "receipt for 42" || seen.status !== 200) throw new Error(`${result}, ${seen.status}`);
  await app.close();
  console.log("ok");
}

void main();
