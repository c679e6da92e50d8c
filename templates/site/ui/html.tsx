/**
 * The one place where HTML of the data files becomes part of the page.
 *
 * Descriptions are written in Markdown by the people of the project. The generator turns them into HTML and sanitises it; here it passes the
 * Trusted Types policy. Everything else on the site is text, which the browser never reads as HTML.
 */

import { useLayoutEffect, useRef } from "preact/hooks";
import { trustedHtml } from "./trust";

/** Sanitised HTML. Links of descriptions leave the site, so they open beside it. */
export function Html({ html, tight = false }: { html: string; tight?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.innerHTML = trustedHtml(html);
    for (const link of element.querySelectorAll<HTMLAnchorElement>('a[href^="http"]')) {
      link.target = "_blank";
      link.rel = "noopener noreferrer";
    }
  }, [html]);
  return <div class={tight ? "prose tight" : "prose"} ref={box} />;
}
