/** Tabs, as the ARIA practices describe them: arrow keys move, and the chosen one is in the address. */

import type { ComponentChildren } from "preact";
import { number } from "../i18n";
import { amend } from "../route";

/** One tab. `count` is shown beside its label. */
export interface Tab {
  key: string;
  label: string;
  count?: number;
  body: () => ComponentChildren;
}

/** Tabs with the panel of the chosen one; the first is chosen when `chosen` is none of them. On paper all panels are one after the other. */
export function Tabs({ tabs, chosen, label }: { tabs: Tab[]; chosen: string | null; label: string }) {
  const at = Math.max(0, tabs.findIndex((tab) => tab.key === chosen));
  const choose = (to: number) => {
    const tab = tabs[(to + tabs.length) % tabs.length];
    amend({ tab: tab === tabs[0] ? undefined : tab.key });
    document.getElementById(`tab-${tab.key}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    choose(to);
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab, i) => (
          <button type="button" key={tab.key} id={`tab-${tab.key}`} role="tab" aria-selected={i === at} aria-controls="tab-panel" tabIndex={i === at ? 0 : -1} onClick={() => choose(i)}>
            {tab.label}
            {tab.count !== undefined && <span class="count">{number(tab.count)}</span>}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tabs[at].key}`} key={tabs[at].key}>
        {tabs[at].body()}
      </div>
    </>
  );
}
