import type { ComponentChildren } from "preact";

const WIDTH = 4;

/** A chart of narrow bars, small enough for a row; its label says what they show. */
export function Bars(props: {
  readonly count: number;
  readonly height: number;
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  const { height, label } = props;
  const width = props.count * WIDTH;
  return (
    <svg
      class="outcomes"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
    >
      <title>{label}</title>
      {props.children}
    </svg>
  );
}

export function Bar(props: {
  readonly at: number;
  readonly y: number;
  readonly height: number;
  readonly kind: "is-good" | "is-bad" | "is-none";
  readonly rx?: number;
}) {
  const { at, y, height, kind, rx } = props;
  return <rect class={kind} x={at * WIDTH} y={y} width={WIDTH - 1} height={height} rx={rx} />;
}
