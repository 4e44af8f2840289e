import { Controller, Post, Req, Res } from "@nestjs/common";
import type { Request, Response } from "express";
import { memoryOnce, Receiver } from "posthorn/receiver";

const receiver = new Receiver<{ "order.paid": { orderId: string } }>({
  secret: process.env.WEBHOOK_SECRET ?? "",
  once: memoryOnce(), // or postgresOnce, sqliteOnce
});
receiver.on("order.paid", ({ payload }) => console.log(`paid: ${payload.orderId}`));

@Controller("hooks")
export class HooksController {
  @Post()
  receive(@Req() request: Request, @Res() response: Response): Promise<void> {
    return receiver.node(request, response); // what a handler throws is answered 500, and the sender tries again
  }
}
