/** The head of a page: where it is, what it is about, and the title of the browser's tab. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { core } from "../store";
import { Name } from "./name";

/** A step of the way to a page. */
export interface Crumb {
  label: string;
  to?: string;
}

/** The heading of a page. It takes the focus when the reader comes from another page, so that screen readers say where they are. */
export function PageHead({ title, crumbs, aside, badges, children }: { title: string; crumbs?: Crumb[]; aside?: ComponentChildren; badges?: ComponentChildren; children?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${core().meta.project}`;
    if (arrivals++ > 0) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <div class="page-head">
      {crumbs && (
        <ol class="crumbs">
          {crumbs.map((crumb) => (
            <li key={crumb.label}>{crumb.to ? <a href={crumb.to}>{crumb.label}</a> : crumb.label}</li>
          ))}
        </ol>
      )}
      <div class="line">
        <h1 ref={heading} tabIndex={-1}>
          <Name text={title} />
        </h1>
        {badges}
        {aside && <div class="aside">{aside}</div>}
      </div>
      {children}
    </div>
  );
}

let arrivals = 0;
