import pg from "pg";

const RELATIONS = `
  select relname as name, relkind = 'S' as is_sequence
  from pg_class
  where relnamespace = 'posthorn'::regnamespace and relkind in ('r', 'p', 'S') and not relispartition`;

/**
 * What brings a database back to what it holds now, a new schema: a fifth of the work of making the schema again. Nobody may
 * be using it.
 */
export async function rememberNew(url: string): Promise<() => Promise<void>> {
  const statements: string[] = [];
  await connected(url, async (client) => {
    for (const { name, is_sequence } of (await client.query(RELATIONS)).rows)
      statements.push(await (is_sequence ? sequenceAgain(client, name) : tableAgain(client, name)));
  });
  return () => connected(url, (client) => client.query(statements.join(";\n")));
}

async function sequenceAgain(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query(`select last_value, is_called from posthorn.${name}`);
  return `select setval('posthorn.${name}', ${rows[0].last_value}, ${rows[0].is_called})`;
}

async function tableAgain(client: pg.Client, name: string): Promise<string> {
  const { rows } = await client.query(`select json_agg(t)::text as held from posthorn.${name} t`);
  const emptied = `delete from posthorn.${name}`;
  if (rows[0].held === null) return emptied;
  const held = `json_populate_recordset(null::posthorn.${name}, ${client.escapeLiteral(rows[0].held)})`;
  return `${emptied};\ninsert into posthorn.${name} select * from ${held}`;
}

async function connected(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
