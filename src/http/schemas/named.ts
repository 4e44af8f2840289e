import { z } from "zod";
import { deliverBody } from "./deliver.ts";
import { groupAnswer, scheduleAnswer, schedulePage, workerAnswer, workerPage } from "./fleet.ts";
import {
  acceptedAnswer,
  attemptAnswer,
  attemptPage,
  errorDetail,
  jobAnswer,
  jobPage,
  jobStatus,
} from "./job.ts";
import {
  bodyError,
  fieldError,
  headerError,
  healthAnswer,
  parameterError,
  problemSchema,
} from "./problem.ts";
import { redeliverBody } from "./redeliver.ts";
import { enqueueOptions, taskAnswer, taskBody, taskPage } from "./task.ts";
import { progressAnswer, taskAcceptedAnswer, taskJobAnswer, taskJobPage } from "./task-job.ts";

/** The schemas that have a name in the API's description and are referred to by it. */
export const namedSchemas = z
  .registry<{ id: string }>()
  .add(deliverBody, { id: "DeliverRequest" })
  .add(redeliverBody, { id: "RedeliverRequest" })
  .add(taskBody, { id: "TaskRequest" })
  .add(enqueueOptions, { id: "EnqueueOptions" })
  .add(taskAnswer, { id: "Task" })
  .add(taskPage, { id: "TaskPage" })
  .add(acceptedAnswer, { id: "Accepted" })
  .add(jobAnswer, { id: "Job" })
  .add(jobStatus, { id: "JobStatus" })
  .add(jobPage, { id: "JobPage" })
  .add(taskAcceptedAnswer, { id: "TaskAccepted" })
  .add(taskJobAnswer, { id: "TaskJob" })
  .add(taskJobPage, { id: "TaskJobPage" })
  .add(progressAnswer, { id: "Progress" })
  .add(attemptAnswer, { id: "Attempt" })
  .add(errorDetail, { id: "ErrorDetail" })
  .add(attemptPage, { id: "AttemptPage" })
  .add(groupAnswer, { id: "Group" })
  .add(scheduleAnswer, { id: "Schedule" })
  .add(schedulePage, { id: "SchedulePage" })
  .add(workerAnswer, { id: "Worker" })
  .add(workerPage, { id: "WorkerPage" })
  .add(problemSchema, { id: "Problem" })
  .add(fieldError, { id: "FieldError" })
  .add(bodyError, { id: "BodyError" })
  .add(parameterError, { id: "ParameterError" })
  .add(headerError, { id: "HeaderError" })
  .add(healthAnswer, { id: "Health" });
