import { z } from "zod";
import { limitOf } from "./queries.ts";
import { moment } from "./times.ts";

/** The lists that are walked in both directions. */
export const limit = limitOf(250);

export const cursor = z
  .string()
  .meta({
    description: "The next_cursor or prev_cursor of another page, with the same other parameters.",
    minLength: 1,
    pattern: "^[A-Za-z0-9_-]+$",
  })
  .optional();

/** Names that a caller chose: channels, tags. */
export const labels = (description: string) => z.array(z.string()).readonly().meta({ description });

/** What a page holds. */
export function rows<Row extends z.ZodType>(row: Row) {
  return z.array(row).meta({ description: "The rows of this page." });
}

const order = z
  .enum(["ascending", "descending"])
  .meta({
    description:
      "The order by age, or by name for event types. Default: descending for endpoints, otherwise ascending.",
  })
  .optional();

export const listed = { limit, cursor, order };

/** What a page of such a list holds besides its rows. */
export const cursors = {
  next_cursor: z
    .string()
    .nullable()
    .meta({ description: "Pass it as cursor to get the next page; null on the last." }),
  prev_cursor: z
    .string()
    .nullable()
    .meta({ description: "Pass it as cursor to get the previous page; null on the first." }),
};

export const complete = z.boolean().meta({
  description: "false if the page ended early: it may be short or empty, and next_cursor may lead to more.",
});

/** The same of a list of which each page searches a bounded number of rows. */
export const searchedCursors = {
  ...cursors,
  searched_to: moment(
    "Where few rows match the filters, a page may end early: then, this is the time of the last row examined. null if it did not end early.",
  ).nullable(),
  complete,
};
