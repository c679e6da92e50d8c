/**
 * Tables: sorted by a click on a head, drawn in part when they are long, and shown as cards where the screen is narrow.
 *
 * Roles are written out because a table whose rows are laid out as blocks is no table to a screen reader any more.
 */

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { compare } from "../i18n";
import { Icon } from "./icon";
import { useSpan } from "./window";

/** A column of a table of `T`s. `sort` gives what rows are compared by; a column without it cannot be sorted. */
export interface Head<T> {
  key: string;
  label: string;
  cell: (row: T) => ComponentChildren;
  sort?: (row: T) => string | number;
  number?: boolean;
  /** Takes what width is left, and is cut where that is not enough. */
  fill?: boolean;
}

interface Order {
  key: string;
  down: boolean;
}

/** A table. `caption` tells screen readers what it holds. */
export function Table<T>({ caption, heads, rows, keyOf }: { caption: string; heads: Head<T>[]; rows: T[]; keyOf: (row: T) => string | number }) {
  const [order, setOrder] = useState<Order | null>(null);
  const sorted = useMemo(() => sortRows(rows, heads, order), [rows, order]);
  const { box, span, whole } = useSpan(sorted.length, 41);
  const turn = (key: string) => setOrder((old) => (old?.key !== key ? { key, down: false } : old.down ? null : { key, down: true }));
  return (
    <div class={whole ? "table-box" : "table-box fixed"}>
      <table role="table" aria-label={caption} aria-rowcount={sorted.length + 1}>
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {heads.map((head) => (
              <th key={head.key} role="columnheader" scope="col" class={classOf(head)} aria-sort={order?.key === head.key ? (order.down ? "descending" : "ascending") : undefined}>
                {head.sort ? (
                  <button type="button" onClick={() => turn(head.key)}>
                    {head.label}
                    {order?.key === head.key && <Icon name={order.down ? "down" : "up"} size={12} />}
                  </button>
                ) : (
                  head.label
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={box as never}>
          {span.above > 0 && <Gap height={span.above} width={heads.length} />}
          {sorted.slice(span.from, span.to).map((row, at) => (
            <tr role="row" data-row key={keyOf(row)} aria-rowindex={span.from + at + 2}>
              {heads.map((head) => (
                <td key={head.key} role="cell" class={classOf(head)} data-label={head.label}>
                  {head.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {span.below > 0 && <Gap height={span.below} width={heads.length} />}
        </tbody>
      </table>
    </div>
  );
}

function classOf<T>(head: Head<T>): string | undefined {
  return head.number ? "number" : head.fill ? "fill" : undefined;
}

/** Stands for the rows that are not drawn. */
function Gap({ height, width }: { height: number; width: number }) {
  return (
    <tr class="gap" aria-hidden="true">
      <td colSpan={width} style={{ height: `${height}px` }} />
    </tr>
  );
}

function sortRows<T>(rows: T[], heads: Head<T>[], order: Order | null): T[] {
  const by = heads.find((head) => head.key === order?.key)?.sort;
  if (!by || !order) return rows;
  const keyed = rows.map((row) => ({ row, key: by(row) }));
  const sign = order.down ? -1 : 1;
  keyed.sort((a, b) => sign * (typeof a.key === "number" ? a.key - Number(b.key) : compare(a.key, String(b.key))));
  return keyed.map(({ row }) => row);
}
