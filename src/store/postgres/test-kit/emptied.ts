import pg from "pg";

const RELATIONS = `
  select relname as name, relkind = 'S' as is_sequence
  from pg_class
  where relnamespace = 'posthorn'::regnamespace and relkind in ('r', 'p', 'S') and not relispartition`;

/** A database that is brought back to what it held when it was new. */
export interface Emptied {
  /** A small part of the work of making the schema again, especially because the plans are kept. Nobody may be using it. */
  again(): Promise<void>;
  close(): Promise<void>;
}

/** Of a database that holds a new schema. */
export async function rememberNew(url: string): Promise<Emptied> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const statements: string[] = [];
  for (const { name, is_sequence } of (await client.query(RELATIONS)).rows)
    statements.push(await (is_sequence ? sequenceAgain(client, name) : tableAgain(client, name)));
  await client.query(`
    create function pg_temp.again() returns void language plpgsql as $$
    begin
      ${statements.join(";\n")};
    end $$`);
  return {
    async again() {
      await client.query("select pg_temp.again()");
    },
    close: () => client.end(),
  };
}

async function sequenceAgain(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query(`select last_value, is_called from posthorn.${name}`);
  return `perform setval('posthorn.${name}', ${rows[0].last_value}, ${rows[0].is_called})`;
}

async function tableAgain(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query(`select json_agg(t)::text as held from posthorn.${name} t`);
  const emptied = `delete from posthorn.${name}`;
  if (rows[0].held === null) return emptied;
  const held = `json_populate_recordset(null::posthorn.${name}, ${client.escapeLiteral(rows[0].held)})`;
  return `${emptied};\ninsert into posthorn.${name} select * from ${held}`;
}
