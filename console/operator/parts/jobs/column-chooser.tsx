import { jobColumns } from "../../live/settings.ts";
import { columnsIn, JOB_COLUMNS, type JobColumn, keptColumns } from "../../rules/job-columns.ts";

/** Which columns lists of jobs have, in this browser. */
export function ColumnChooser() {
  const shown = columnsIn(jobColumns.value);
  const choices = Object.entries(JOB_COLUMNS) as [JobColumn, string][]; // it has no others
  return (
    <details class="columns">
      <summary>Columns</summary>
      <fieldset class="line">
        <legend class="unseen">Columns of lists of jobs</legend>
        {choices.map(([name, title]) => (
          <label key={name} class="choice">
            <input
              type="checkbox"
              checked={shown.includes(name)}
              disabled={name === "job"}
              onChange={(event) => {
                jobColumns.value = keptColumns(shown, name, event.currentTarget.checked);
              }}
            />
            {title}
          </label>
        ))}
        {jobColumns.value !== "" && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              jobColumns.value = "";
            }}
          >
            Usual columns
          </button>
        )}
      </fieldset>
    </details>
  );
}
