import type { ComponentChildren } from "preact";
import { Field, MomentField } from "./field.tsx";
import { useQuery } from "./query.ts";

/** The conditions of a list. The address has them; with another one, the list begins at its start again. */
export function Filters({ children }: { readonly children: ComponentChildren }) {
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      {children}
    </form>
  );
}

interface ConditionProps {
  /** Its name in the address. */
  readonly of: string;
  readonly name: string;
  readonly placeholder?: string;
}

export function Condition({ of, ...shown }: ConditionProps) {
  const { query, change } = useQuery();
  return <Field {...shown} value={query[of]} set={(value) => change({ [of]: value, cursor: undefined })} />;
}

export function MomentCondition({ of, name }: ConditionProps) {
  const { query, change } = useQuery();
  return (
    <MomentField name={name} value={query[of]} set={(value) => change({ [of]: value, cursor: undefined })} />
  );
}

interface TabsProps {
  /** The name of the condition in the address. */
  readonly of: string;
  /** Its values; undefined leaves it out. */
  readonly among: readonly (string | undefined)[];
  /** How a value is shown. Default: as it is, and `all` for none. */
  said?(value: string | undefined): string;
  /** Default: whether the address has this value. */
  isChosen?(value: string | undefined): boolean;
}

/** A condition with few values, all of them in sight. */
export function Tabs({ of, among, said = (value) => value ?? "all", ...props }: TabsProps) {
  const { query, linkWith } = useQuery();
  const { isChosen = (value) => value === query[of] } = props;
  return (
    <div class="tabs">
      {among.map((value) => (
        <a
          key={value ?? "all"}
          href={linkWith({ [of]: value, cursor: undefined })}
          aria-current={isChosen(value) ? "true" : undefined}
        >
          {said(value)}
        </a>
      ))}
    </div>
  );
}
