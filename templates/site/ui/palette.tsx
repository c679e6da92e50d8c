/**
 * The command palette: type a few letters of anything, press Enter.
 *
 * It is a combobox in a modal dialog: the focus stays in the field, arrows move through the list, Escape gives the focus back.
 */

import { useEffect, useMemo, useState } from "preact/hooks";
import { foundColumns, useFinder, wordHit } from "./finder";
import { t, tMaybe } from "./i18n";
import { Dialog, type DialogProps } from "./parts/dialog";
import { Icon, kindIcon, type IconName } from "./parts/icon";
import { layerColor } from "./parts/layer";
import { Marked } from "./parts/marked";
import { nodeHref } from "./parts/node_link";
import { go, href } from "./route";
import { search, type Hit, type SearchIndex } from "./search";
import { core } from "./store";
import { PLACES } from "./places";

/** How many hits the palette shows; the search page has the rest. */
const SHOWN = 16;

interface Option {
  key: string;
  icon: IconName;
  color?: string;
  name: string;
  detail: string;
  kind: string;
  to: string;
}

/** The palette. */
export function Palette(props: DialogProps) {
  return (
    <Dialog {...props} kind="palette" label={t("search.title")}>
      {(close) => <Finder onClose={close} />}
    </Dialog>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const index = useFinder(true);
  const { options, count } = useMemo(() => optionsFor(index, query), [index, query]);
  const chosen = Math.min(at, options.length - 1);
  useEffect(() => document.getElementById(`option-${chosen}`)?.scrollIntoView({ block: "nearest" }), [chosen]);
  const open = (option: Option | undefined) => {
    onClose();
    if (option) go(option.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(1, options.length));
    else if (event.key === "ArrowUp") setAt((chosen - 1 + options.length) % Math.max(1, options.length));
    else if (event.key === "Enter") open(options[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div class="palette-field">
        <Icon name="search" />
        <input
          autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={options.length ? `option-${chosen}` : undefined}
          aria-label={t("search.title")}
          placeholder={t("search.hint")}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => (setQuery(event.currentTarget.value), setAt(0))}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div class="palette-list" id="palette-list" role="listbox" aria-label={t("search.results")}>
        {options.map((option, place) => (
          <div key={option.key} id={`option-${place}`} role="option" aria-selected={place === chosen} onClick={() => open(option)} onMouseMove={() => setAt(place)}>
            <span style={{ color: option.color }}>
              <Icon name={option.icon} />
            </span>
            <span class="what">
              <span>
                <Marked text={option.name} query={query} />
              </span>
              {option.detail && <span class="head">{option.detail}</span>}
            </span>
            <span class="dim small">{option.kind}</span>
          </div>
        ))}
      </div>
      <div class="palette-foot">
        <span aria-live="polite">{query ? t("search.count", { count }) : t("search.start")}</span>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>↵</kbd>
        </span>
        {query && (
          <a href={href(["search"], { q: query })} onClick={onClose}>
            {t("search.all")}
          </a>
        )}
      </div>
    </>
  );
}

function optionsFor(index: SearchIndex | null, query: string): { options: Option[]; count: number } {
  if (!query.trim() || !index) {
    const options = PLACES.map((place) => ({ key: place.path, icon: place.icon, name: t(place.label), detail: "", kind: "", to: href([place.path].filter(Boolean)) }));
    return { options, count: options.length };
  }
  const hits = search(index, query);
  return { options: hits.slice(0, SHOWN).map(optionOf), count: hits.length };
}

function optionOf(hit: Hit): Option {
  const { nodes, words } = core();
  const word = wordHit(hit);
  if (word) return { ...word, key: `${hit.what}${hit.at}`, detail: "", kind: t(word.kind) };
  if (hit.what === "column") {
    const name = foundColumns()?.names[hit.at] ?? "";
    return { key: `c${hit.at}`, icon: "column", name, detail: "", kind: t("search.column"), to: href(["search"], { q: name, in: "columns" }) };
  }
  const kind = words.kind[nodes.kind[hit.at]] ?? "";
  return {
    key: `n${hit.at}`,
    icon: kindIcon(kind),
    color: layerColor(nodes.layer[hit.at]),
    name: nodes.name[hit.at],
    detail: nodes.head[hit.at],
    kind: hit.by === "column" || hit.by === "tag" ? `${tMaybe("kind", kind)} · ${t(`search.${hit.by}`)}` : tMaybe("kind", kind),
    to: nodeHref(hit.at),
  };
}
