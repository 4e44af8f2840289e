import { BY_ITSELF } from "../core/actor.ts";
import { Audit } from "../engine/audit/audit.ts";
import { Engine } from "../engine/engine.ts";
import { Jobs } from "../engine/jobs.ts";
import type { Posthorn } from "../posthorn-interface.ts";
import { SecretBox } from "../secrets/secret-box.ts";
import { VERSION } from "../version.ts";
import { declareOperationalEndpoint } from "../webhooks/operational/operational-endpoint.ts";
import { openServerSecret } from "../webhooks/signing/server-secret.ts";
import { definitions } from "./definitions.ts";
import { delivering } from "./delivering.ts";
import { observation } from "./observation.ts";
import type { Parts } from "./parts.ts";
import { platform } from "./platform.ts";
import { surface } from "./surface.ts";
import { work } from "./work.ts";

/**
 * Puts the layers together and begins to work: the base of `openPosthorn` and the test kit.
 * @throws ConfigurationError, InvalidInputError for a task or schedule that is wrong.
 */
export async function assemble(parts: Parts): Promise<Posthorn> {
  const { store, clock, log, instrument } = parts;
  const box = SecretBox.open(parts.masterKey);
  const signingSecret = await openServerSecret(store.secrets, box);
  const audit = new Audit({ shelf: store.audit, clock, instrument });
  const deliveries = delivering(parts, {
    ...{ box, signingSecret },
    engine: () => engine,
    disable: ({ tenant, id }, reason) =>
      endpoints.disable(tenant, id, {}, { actor: BY_ITSELF, reason }).then(
        () => {},
        (error: unknown) => instrument["step.failed"].publish({ step: "watch endpoints", error }),
      ),
  });
  const engine: Engine = new Engine({
    ...{ store, clock, log, instrument, tasks: deliveries.tasks, version: VERSION },
    ...{ retention: parts.retention, concurrency: parts.concurrency, attemptTraces: parts.attemptTraces },
    idempotency: { keyRetentionMs: parts.keyRetentionMs, duplicateKeys: parts.duplicateKeys },
    ...(parts.random && { random: parts.random }),
  });
  const jobs = new Jobs(store, engine, audit);
  const { threads, tasks, schedules } = await definitions(parts, { engine, jobs, audit });
  const { webhooks, bulk, endpoints, requests, fanouts, watch, announcer, ...background } = platform(
    parts,
    deliveries,
    engine,
    audit,
  );
  const { metrics, reports, doctor, ...observed } = observation(parts, box, () => engine.isDraining);
  if (parts.operational)
    await declareOperationalEndpoint({ endpoints, sealed: deliveries.sealed }, parts.operational);
  const close = await work(parts, {
    ...{ engine, endpoints, threads, observed, watch },
    counting: [...observed.counting, ...background.counting],
    feeding: [fanouts, doctor, announcer],
  });
  return surface(parts, {
    ...{ box, signingSecret, audit, engine, jobs, tasks, schedules, close },
    ...{ webhooks, bulk, requests, metrics, reports, doctor },
  });
}
