import { Global, Inject, Module, type OnApplicationShutdown } from "@nestjs/common";
import { BackgroundRunner, openPosthorn, type Posthorn } from "posthorn";
import { sendReceipt } from "./tasks.js";

export const POSTHORN = Symbol("posthorn");

@Global()
@Module({
  providers: [
    { provide: POSTHORN, useFactory: () => openPosthorn({ database: "app.db", tasks: [sendReceipt] }) },
    { provide: BackgroundRunner, useFactory: () => new BackgroundRunner() },
  ],
  exports: [POSTHORN, BackgroundRunner],
})
export class PosthornModule implements OnApplicationShutdown {
  constructor(
    @Inject(POSTHORN) private readonly posthorn: Posthorn,
    @Inject(BackgroundRunner) private readonly runner: BackgroundRunner,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.runner.drain("10s");
    await this.posthorn.close();
  }
}
