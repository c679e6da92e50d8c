/**
 * The box for selections: the grammar of the command line, with what can come next, and with what is wrong under its place.
 */
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { complete, type Candidate } from "../graph/completion";
import { command, parse, type Problem } from "../graph/selector";
import { fold, t, type TextKey } from "../i18n";
import { CopyButton } from "../parts/copy";
import { Icon } from "../parts/icon";
import { core } from "../store";

/** The box. `problems` and `warnings` are those of the selection that is shown. */
export function SelectorBox({ text, problems, warnings, onChoose }: { text: string; problems: Problem[]; warnings: Problem[]; onChoose: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const [caret, setCaret] = useState(text.length);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => setTyped(text), [text]);

  const candidates = useMemo(() => (isOpen ? complete(core(), typed, caret, fold) : []), [isOpen, typed, caret]);
  const wrong = typed === text ? problems : parse(typed).problems;
  const isShown = isOpen && candidates.length > 0;

  const take = (candidate: Candidate) => {
    const next = `${typed.slice(0, candidate.from)}${candidate.text}${typed.slice(candidate.to)}`;
    const at = candidate.from + candidate.text.length;
    setTyped(next);
    setCaret(at);
    setActive(-1);
    setOpen(candidate.what === "method");
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const submit = () => {
    setOpen(false);
    onChoose(typed.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = candidates[active];
    if (event.key === "ArrowDown" && isShown) setActive((active + 1) % candidates.length);
    else if (event.key === "ArrowUp" && isShown) setActive((active <= 0 ? candidates.length : active) - 1);
    else if (event.key === "Tab" && isShown && !event.shiftKey && active >= 0) take(chosen);
    else if (event.key === "Enter") {
      if (isShown && chosen) take(chosen);
      else submit();
    } else if (event.key === "Escape" && isShown) setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onInput = () => {
    const element = input.current!;
    setTyped(element.value);
    setCaret(element.selectionStart ?? element.value.length);
    setActive(-1);
    setOpen(true);
  };
  return (
    <div class="lineage-selector">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label class="unseen" for={id}>
          {t("lineage.selector")}
        </label>
        <span class="lineage-field">
          <Icon name="lineage" />
          <input
            id={id}
            ref={input}
            class="mono"
            value={typed}
            placeholder="1+orders+1  tag:finance,layer:gold --exclude …"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            role="combobox"
            aria-expanded={isShown}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
            aria-invalid={wrong.length > 0}
            aria-describedby={wrong.length > 0 ? `${id}-wrong` : undefined}
            onInput={onInput}
            onKeyDown={onKeyDown}
            onBlur={() => setOpen(false)}
          />
        </span>
        <ul id={`${id}-list`} role="listbox" aria-label={t("lineage.selector.offers")} class="lineage-offers" hidden={!isShown}>
          {candidates.map((candidate, at) => (
            <li
              key={candidate.text}
              id={`${id}-${at}`}
              role="option"
              aria-selected={at === active}
              onPointerDown={(event) => {
                event.preventDefault();
                take(candidate);
              }}
            >
              <code>{candidate.text}</code>
              <span class="dim small">{t(`lineage.offer.${candidate.what}`)}</span>
            </li>
          ))}
        </ul>
        <button type="submit" class="button">
          {t("run.show")}
        </button>
        <CopyButton text={command(typed)} label={t("lineage.selector.copy")} />
      </form>
      <div id={`${id}-wrong`} aria-live="polite" class="lineage-wrongs">
        {wrong.map((problem) => (
          <Wrong key={problem.from} text={typed} problem={problem} />
        ))}
        {wrong.length === 0 && typed === text && warnings.map((warning) => <p class="dim small">{t(warning.key as TextKey, warning.params)}</p>)}
      </div>
    </div>
  );
}

/** What is wrong, with its place marked, and what to do about what the site does not know. */
function Wrong({ text, problem }: { text: string; problem: Problem }) {
  const { from, to } = problem;
  const isAbsent = problem.key === "selector.absent";
  return (
    <div class="lineage-wrong">
      <code class="mono">
        {text.slice(0, from)}
        <mark>{text.slice(from, to)}</mark>
        {text.slice(to)}
      </code>
      <span>
        {t("lineage.wrong.at", { place: from + 1 })} {t(problem.key as TextKey, isAbsent ? { text: text.slice(from, to), what: absent(problem.params.what) } : problem.params)}
      </span>
      {isAbsent && (
        <span class="lineage-command">
          <code class="mono">{command(text)}</code>
          <CopyButton text={command(text)} />
        </span>
      )}
    </div>
  );
}

/** What the site does not hold, in words. */
function absent(what: string): string {
  const known = ["state", "column", "tests", "patch", "version", "selector", "source_status"].find((one) => one === what);
  return known ? t(`selector.absent.${known}` as TextKey) : what;
}
