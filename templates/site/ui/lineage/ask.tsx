/** Asks before a picture grows so large that little can be seen in it. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { Notice } from "../parts/notice";

/** Up to so many nodes nobody is asked. */
const MOST = 200;

/** A question that waits for its answer. */
interface Asked {
  count: number;
  go: () => void;
  /** What had the focus, and gets it back. */
  before: Element | null;
}

/** Does what makes a picture of `count` nodes, or asks first; `question` is to be drawn near the picture. What is `shown` changes takes a question back. */
export function useAsk(shown: string): { ask: (count: number, now: number, go: () => void) => void; question: ComponentChildren } {
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(() => setAsked(null), [shown]);
  const ask = (count: number, now: number, go: () => void) => {
    if (count <= MOST || count <= now) go();
    else setAsked({ count, go, before: document.activeElement });
  };
  const answer = (yes: boolean) => {
    setAsked(null);
    if (yes) asked?.go();
    (asked?.before as HTMLElement | null)?.focus();
  };
  return { ask, question: asked && <Question count={asked.count} onAnswer={answer} /> };
}

function Question({ count, onAnswer }: { count: number; onAnswer: (yes: boolean) => void }) {
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => yes.current?.focus(), [count]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onAnswer(false);
  };
  return (
    <div role="group" aria-label={t("lineage.ask", { count })} onKeyDown={onKeyDown}>
      <Notice tone="warn">
        <span class="lineage-ask">
          {t("lineage.ask", { count })}
          <button type="button" class="button" ref={yes} onClick={() => onAnswer(true)}>
            {t("lineage.ask.yes")}
          </button>
          <button type="button" class="button" onClick={() => onAnswer(false)}>
            {t("lineage.ask.no")}
          </button>
        </span>
      </Notice>
    </div>
  );
}
