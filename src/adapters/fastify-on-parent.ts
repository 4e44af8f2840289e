import type { FastifyPluginCallback, FastifyPluginOptions } from "fastify";

/** A plugin whose hooks and decorators apply to the app that registers it, not only inside the plugin: what fastify-plugin does. */
export function onParent<Options extends FastifyPluginOptions>(
  name: string,
  plugin: FastifyPluginCallback<Options>,
): FastifyPluginCallback<Options> {
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: name,
    [Symbol.for("plugin-meta")]: { name, fastify: "4.x || 5.x" },
  });
}
