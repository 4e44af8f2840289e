import { byOf } from "../../access/by.ts";
import { json, noContent } from "../../answer/answer.ts";
import { scheduleView } from "../../answer/fleet-view.ts";
import { RequestError } from "../../request/request-error.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { type ScheduleAnswer, scheduleAnswer, schedulePage, scheduleRun } from "../../schemas/fleet.ts";

const nameParameter: Parameter = {
  name: "name",
  in: "path",
  description: "The schedule's name, as it was declared.",
  example: "nightly-cleanup",
};

const example: ScheduleAnswer = {
  name: "nightly-cleanup",
  cron: "0 3 * * *",
  time_zone: "Europe/Berlin",
  missed: "skip",
  task: "clean-up",
  lane: "clean-up",
  paused: false,
  next_at: "2026-02-01T02:00:00.000Z",
  next_runs: [
    "2026-02-01T02:00:00.000Z",
    "2026-02-02T02:00:00.000Z",
    "2026-02-03T02:00:00.000Z",
    "2026-02-04T02:00:00.000Z",
    "2026-02-05T02:00:00.000Z",
  ],
  last_at: "2026-01-31T02:00:00.000Z",
};

const PAUSED: ScheduleAnswer = { ...example, paused: true, next_at: null, next_runs: [] };

export const scheduleRoutes = [
  schedulesRoute,
  ofOne("pause", {
    id: "pauseSchedule",
    summary: "Pause a schedule",
    description:
      "A paused schedule creates no jobs until it is resumed, even after a restart. Jobs that it has already created still run.",
    example: PAUSED,
  }),
  ofAll("pause", {
    id: "pauseSchedules",
    summary: "Pause all schedules",
    description:
      "In one transaction, for maintenance. Schedules that are declared later are not paused, and jobs that were already created still run.",
    example: PAUSED,
  }),
  ofAll("resume", {
    id: "resumeSchedules",
    summary: "Resume all schedules",
    description:
      "In one transaction, including those that were paused one by one. They continue with their next runs; missed ones are not made up for.",
    example,
  }),
  ofOne("resume", {
    id: "resumeSchedule",
    summary: "Resume a schedule",
    description:
      "The schedule continues with its next run; runs missed while it was paused are not made up for.",
    example,
  }),
  runScheduleRoute,
  removeScheduleRoute,
];

function schedulesRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/schedules",
    needs: "read",
    scope: "server",
    operation: {
      id: "listSchedules",
      tag: "Schedules",
      summary: "List schedules",
      answers: {
        200: {
          description: "All schedules, by name.",
          schema: schedulePage,
          example: { data: [example], next_cursor: null },
        },
      },
      problems: [],
    },
    async handle() {
      const schedules = await posthorn.schedules.list();
      return json(200, { data: schedules.map(scheduleView), next_cursor: null });
    },
  };
}

interface Change {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly example: ScheduleAnswer;
}

function ofOne(change: "pause" | "resume", { example, ...about }: Change) {
  return ({ posthorn, bodies }: Services): Route => ({
    method: "POST",
    path: `/schedules/{name}/${change}`,
    needs: "admin",
    scope: "server",
    operation: {
      ...about,
      tag: "Schedules",
      parameters: [nameParameter],
      answers: { 200: { description: "The schedule, as changed.", schema: scheduleAnswer, example } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const name = c.req.param("name") ?? "";
      const schedule = await posthorn.schedules[change](name, byOf(c, caller));
      if (!schedule) throw notFound(name);
      return json(200, scheduleView(schedule));
    },
  });
}

function ofAll(change: "pause" | "resume", { example, ...about }: Change) {
  return ({ posthorn, bodies }: Services): Route => ({
    method: "POST",
    path: `/schedules/${change}`,
    needs: "admin",
    scope: "server",
    operation: {
      ...about,
      tag: "Schedules",
      answers: {
        200: {
          description: "The schedules that were changed, by name.",
          schema: schedulePage,
          example: { data: [example], next_cursor: null },
        },
      },
      problems: [400, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const changed = await posthorn.schedules[`${change}All`](byOf(c, caller));
      return json(200, { data: changed.map(scheduleView), next_cursor: null });
    },
  });
}

function runScheduleRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: "/schedules/{name}/run",
    needs: "send",
    accepts: true,
    scope: "server",
    operation: {
      id: "runSchedule",
      tag: "Schedules",
      summary: "Run a schedule now",
      description:
        "Creates one of its jobs, even if the schedule is paused. When it runs next does not change.",
      parameters: [nameParameter],
      answers: {
        202: {
          description: "The job is on disk.",
          schema: scheduleRun,
          example: { job_id: "job_01k9zq3v7n8r2m4w6x8y0z1a3b", existing: false },
        },
      },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const name = c.req.param("name") ?? "";
      const run = await posthorn.schedules.run(name, byOf(c, caller));
      if (!run) throw notFound(name);
      return json(202, { job_id: run.jobId, existing: run.existing });
    },
  };
}

function removeScheduleRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "DELETE",
    path: "/schedules/{name}",
    needs: "admin",
    scope: "server",
    operation: {
      id: "removeSchedule",
      tag: "Schedules",
      summary: "Remove a schedule",
      description:
        "Removes it permanently, unless a process still declares it: that process creates it again when it starts.",
      parameters: [nameParameter],
      answers: { 204: { description: "The schedule was removed.", type: null } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const name = c.req.param("name") ?? "";
      if (!(await posthorn.schedules.remove(name, byOf(c, caller)))) throw notFound(name);
      return noContent();
    },
  };
}

function notFound(name: string): RequestError {
  return new RequestError(`no schedule has the name ${JSON.stringify(name)}; GET /schedules lists them`, {
    status: 404,
    code: "schedule_not_found",
  });
}
