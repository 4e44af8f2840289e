import { byOf } from "../../access/by.ts";
import { json, noContent } from "../../answer/answer.ts";
import { scheduleView } from "../../answer/fleet-view.ts";
import { RequestError } from "../../request/request-error.ts";
import type { Parameter, Route, Services } from "../../route.ts";
import { type ScheduleAnswer, scheduleAnswer, schedulePage } from "../../schemas/fleet.ts";

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

export function schedulesRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: "/schedules",
    needs: "read",
    scope: "server",
    operation: {
      id: "listSchedules",
      tag: "Schedules",
      summary: "List the schedules",
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

export function pauseScheduleRoute(services: Services): Route {
  return changeRoute(services, "pause", {
    id: "pauseSchedule",
    summary: "Pause a schedule",
    description:
      "A paused schedule creates no jobs until it is resumed, even after a restart. Jobs that it has already created still run.",
    example: { ...example, paused: true, next_at: null, next_runs: [] },
  });
}

export function resumeScheduleRoute(services: Services): Route {
  return changeRoute(services, "resume", {
    id: "resumeSchedule",
    summary: "Resume a schedule",
    description:
      "The schedule continues with its next run; runs missed while it was paused are not made up for.",
    example,
  });
}

export function pauseSchedulesRoute(services: Services): Route {
  return changeAllRoute(services, "pause", {
    id: "pauseSchedules",
    summary: "Pause all schedules",
    description:
      "For maintenance: in one transaction. Schedules that are declared later are not paused, and jobs that were already created still run.",
    example: { ...example, paused: true, next_at: null, next_runs: [] },
  });
}

export function resumeSchedulesRoute(services: Services): Route {
  return changeAllRoute(services, "resume", {
    id: "resumeSchedules",
    summary: "Resume all schedules",
    description:
      "In one transaction, including those that were paused one by one. They continue with their next runs; missed ones are not made up for.",
    example,
  });
}

interface Change {
  readonly id: string;
  readonly summary: string;
  readonly description: string;
  readonly example: ScheduleAnswer;
}

function changeRoute({ posthorn, bodies }: Services, change: "pause" | "resume", about: Change): Route {
  const { id, summary, description, example } = about;
  return {
    method: "POST",
    path: `/schedules/{name}/${change}`,
    needs: "admin",
    scope: "server",
    operation: {
      id,
      tag: "Schedules",
      summary,
      description,
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
  };
}

function changeAllRoute({ posthorn, bodies }: Services, change: "pause" | "resume", about: Change): Route {
  const { id, summary, description, example } = about;
  return {
    method: "POST",
    path: `/schedules/${change}`,
    needs: "admin",
    scope: "server",
    operation: {
      id,
      tag: "Schedules",
      summary,
      description,
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
      const by = byOf(c, caller);
      const { schedules } = posthorn;
      const changed = await (change === "pause" ? schedules.pauseAll(by) : schedules.resumeAll(by));
      return json(200, { data: changed.map(scheduleView), next_cursor: null });
    },
  };
}

export function removeScheduleRoute({ posthorn, bodies }: Services): Route {
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
