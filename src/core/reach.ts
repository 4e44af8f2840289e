import { refuseOther, refuseUnknown, textOf, wrong } from "./options.ts";

/** Which tenants a caller sees; the others do not exist for it. */
export interface Reach {
  /** Only the tenant with this id. */
  readonly tenant?: string | undefined;
  /** Only tenants of this mode. */
  readonly mode?: "live" | "test" | undefined;
}

/** Whether a caller with this reach sees the tenant. */
export function isWithin(
  { id, mode }: { readonly id: string; readonly mode: "live" | "test" },
  reach: Reach,
): boolean {
  return (reach.tenant ?? id) === id && (reach.mode ?? mode) === mode;
}

/** @throws InvalidInputError for what would otherwise pass as "every tenant", such as `{ tenant: null }`. */
export function readReach(reach: Reach = {}): Reach {
  refuseUnknown(reach, ["tenant", "mode"] satisfies (keyof Reach)[], ["reach"]);
  const { tenant, mode } = reach;
  if (tenant !== undefined) textOf(tenant, ["reach", "tenant"]);
  if (mode !== undefined && mode !== "live" && mode !== "test")
    throw wrong(["reach", "mode"], "must be live or test");
  return reach;
}

/** Reads the `reach` among other options. @throws InvalidInputError */
export function takeReach<Options extends { readonly reach?: Reach | undefined }>(options: Options) {
  refuseOther(options, ["options"], "must be an object with reach");
  const { reach, ...rest } = options;
  return { reach: readReach(reach), rest };
}
