import { Controller, HttpCode, Inject, Injectable, Module, Param, Post, Req } from "@nestjs/common";
import type { Request } from "express";
import type { Posthorn } from "posthorn";
import { POSTHORN } from "./posthorn.module.js";
import { sendReceipt, warmCache } from "./tasks.js";

@Injectable()
export class Mailer {
  async send(orderId: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    return `receipt for ${orderId}`;
  }
}

@Controller("orders")
export class OrdersController {
  constructor(@Inject(POSTHORN) private readonly posthorn: Posthorn) {}

  @Post(":id/pay")
  @HttpCode(202)
  async pay(@Param("id") orderId: string): Promise<{ jobId: string }> {
    await this.posthorn.webhooks.send({ tenant: "acme", type: "order.paid", payload: { orderId } });
    const { jobId } = await this.posthorn.enqueue(sendReceipt, { orderId }, { key: `receipt:${orderId}` });
    return { jobId }; // both are on disk
  }

  @Post(":id/view")
  view(@Param("id") orderId: string, @Req() request: Request): object {
    request.background.add(warmCache, { orderId }); // best effort, after the response
    return {};
  }
}

@Module({ controllers: [OrdersController], providers: [Mailer] })
export class OrdersModule {
  constructor(@Inject(POSTHORN) posthorn: Posthorn, @Inject(Mailer) mailer: Mailer) {
    posthorn.work(sendReceipt, async ({ orderId }, { signal }) => ({
      sent: await mailer.send(orderId, signal),
    }));
  }
}
