import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { BackgroundRunner, type Posthorn } from "posthorn";
import { backgroundTasks, mountPosthorn } from "posthorn/express";
import { HooksController } from "./hooks.controller.js";
import { OrdersModule } from "./orders.module.js";
import { POSTHORN, PosthornModule } from "./posthorn.module.js";

@Module({ imports: [PosthornModule, OrdersModule], controllers: [HooksController] })
export class AppModule {}

export async function createApp(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
  app.enableShutdownHooks();
  app.useBodyParser("json", { limit: "1mb" });
  app.use(backgroundTasks(app.get(BackgroundRunner)));
  const posthorn = app.get<Posthorn>(POSTHORN);
  mountPosthorn(app.getHttpAdapter().getInstance(), posthorn, { basePath: "/background", access: "dev" });
  return app;
}
