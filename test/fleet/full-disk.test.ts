import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { PostgresServer } from "./postgres.ts";
import { Trial } from "./trial.ts";

/** What every statement that writes a row meets when PostgreSQL cannot extend its files. */
const FILL = `
  create function public.refuse() returns trigger language plpgsql as $$
  begin
    raise exception using errcode = 'disk_full', message = 'could not extend file: No space left on device';
  end $$;
  create trigger full_disk before insert on posthorn.jobs execute function public.refuse();
  create trigger full_disk before insert on posthorn.leases execute function public.refuse();
  create trigger full_disk before insert on posthorn.finished execute function public.refuse();
  create trigger full_disk before insert on posthorn.ready execute function public.refuse();
  create trigger full_disk before update on posthorn.workers execute function public.refuse()`;

const EMPTY = "drop function public.refuse cascade";

test("while PostgreSQL says that its disk is full, requests are refused; once there is room, the fleet goes on", async (t) => {
  const postgres = await PostgresServer.start(t);
  const trial = await Trial.start(t, postgres.trialOptions);
  await postgres.query("postgres", FILL);
  await until("requests are refused", () => Number(trial.load.refused.get(503)) > 200);
  await postgres.query("postgres", EMPTY);
  await trial.recovers(performance.now());
  await trial.worksOn();
  await trial.endsWell();
  assert.deepEqual(new Set(await trial.fleet.stop()), new Set([0]));
});
