/** SQL as readers want it: numbered lines, colours, a button to copy. */

import { useMemo } from "preact/hooks";
import { t } from "./i18n";
import { CopyButton } from "./parts/copy";
import { lexLines } from "./sql_lexer";

/** Texts longer than this, in characters, are shown without colours. */
const COLOURED = 200_000;

/** A block of SQL under a title. */
export function Sql({ text, title }: { text: string; title: string }) {
  const lines = useMemo(() => (text.length > COLOURED ? text.split("\n").map((line) => [["", line] as const]) : lexLines(text)), [text]);
  return (
    <figure class="code">
      <header>
        <figcaption>{title}</figcaption>
        <span class="dim">{t("sql.lines", { count: lines.length })}</span>
        <span class="aside">
          <CopyButton text={text} />
        </span>
      </header>
      <pre tabIndex={0} role="region" aria-label={title}>
        <ol>
          {lines.map((line, at) => (
            <li key={at}>{line.map(([kind, part]) => (kind ? <span class={kind}>{part}</span> : part))}</li>
          ))}
        </ol>
      </pre>
    </figure>
  );
}
