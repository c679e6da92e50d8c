/** The frame round every page: the bar with search and switches, the navigation, and what could not be loaded. */

import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { warmFinder } from "./finder";
import { Help } from "./help";
import { dateTime, number, setLang, t, useLang } from "./i18n";
import { useKey } from "./keys";
import { Page } from "./pages";
import { Palette } from "./palette";
import { Icon, type IconName } from "./parts/icon";
import { Notice } from "./parts/notice";
import { PLACES, type Place } from "./places";
import { arrivalDepth, go, href, useRoute, type Route } from "./route";
import { core, onFailure, type LoadError } from "./store";
import { useTheme, type ThemeChoice } from "./theme";

/** The whole site. */
export function Shell() {
  const lang = useLang();
  const route = useRoute();
  const [asked, setAsked] = useState({ dialog: "", turn: 0 });
  const open = (dialog: "palette" | "help") => setAsked(({ turn }) => ({ dialog, turn: turn + 1 }));
  const turns = (dialog: "palette" | "help") => ({
    turn: asked.dialog === dialog ? asked.turn : 0,
    onClose: () => setAsked((now) => (now.dialog === dialog ? { ...now, dialog: "" } : now)),
  });
  const [menu, setMenu] = useState(false);
  const page = route.path.join("/");
  useLayoutEffect(() => {
    scrollTo(0, arrivalDepth());
    setMenu(false);
  }, [page]);
  useEffect(() => {
    const timer = setTimeout(warmFinder, 150);
    return () => clearTimeout(timer);
  }, []);
  useKey("/", "keys.search", () => open("palette"));
  useKey("mod+k", "keys.search", () => open("palette"));
  useKey("?", "keys.help", () => open("help"));
  // Everything is drawn anew in another language: no component has to watch for it.
  return (
    <div key={lang}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById("main")?.focus())}>
        {t("skip")}
      </a>
      <header class="bar">
        <button type="button" class="tool menu" aria-expanded={menu} aria-label={t("nav.menu")} onClick={() => setMenu(!menu)}>
          <Icon name={menu ? "close" : "menu"} />
        </button>
        <a class="brand" href={href([])} aria-label={core().meta.project}>
          <Mark />
          <span>{core().meta.project}</span>
        </a>
        <button type="button" class="ask" onClick={() => open("palette")}>
          <Icon name="search" />
          <span>{t("search.hint")}</span>
          <kbd>/</kbd>
        </button>
        <Tools onHelp={() => open("help")} />
      </header>
      <div class="frame">
        <Side route={route} open={menu} />
        <main class="main" id="main" tabIndex={-1}>
          <Failures />
          <Page route={route} />
        </main>
      </div>
      <Palette {...turns("palette")} />
      <Help {...turns("help")} />
    </div>
  );
}

/** The mark of the tool: three layers, one after the other. */
function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" fill="none" aria-hidden="true">
      <rect x="1" y="8" width="5" height="6" rx="1.5" fill="currentColor" opacity="0.45" />
      <rect x="8.5" y="5" width="5" height="12" rx="1.5" fill="currentColor" opacity="0.7" />
      <rect x="16" y="2" width="5" height="18" rx="1.5" fill="currentColor" />
    </svg>
  );
}

const THEMES: [ThemeChoice, IconName][] = [["auto", "auto"], ["light", "sun"], ["dark", "moon"]];

const LANGS = { en: "English", fr: "Français" };

function Tools({ onHelp }: { onHelp: () => void }) {
  const lang = useLang();
  const theme = useTheme();
  const at = THEMES.findIndex(([choice]) => choice === theme.choice);
  const next = THEMES[(at + 1) % THEMES.length][0];
  const other = lang === "en" ? "fr" : "en";
  return (
    <div class="tools">
      <button type="button" class="tool" lang={other} aria-label={`${other.toUpperCase()}: ${LANGS[other]}`} title={LANGS[other]} onClick={() => setLang(other)}>
        {other.toUpperCase()}
      </button>
      <button type="button" class="tool" aria-label={`${t("theme")}: ${t(`theme.${theme.choice}`)}`} title={`${t("theme")}: ${t(`theme.${theme.choice}`)}`} onClick={() => theme.set(next)}>
        <Icon name={THEMES[at][1]} />
      </button>
      <button type="button" class="tool" aria-label={t("help.title")} title={`${t("help.title")} (?)`} onClick={onHelp}>
        <Icon name="help" />
      </button>
    </div>
  );
}

function Side({ route, open }: { route: Route; open: boolean }) {
  const { meta } = core();
  return (
    <nav class={open ? "side open" : "side"} aria-label={t("nav")}>
      {(["watch", "know"] as const).map((group) => (
        <div key={group}>
          <h2>{t(`nav.${group}`)}</h2>
          <ul>
            {PLACES.filter((place) => place.group === group).map((place) => (
              <Entry key={place.path} place={place} current={(route.path[0] ?? "") === place.path} />
            ))}
          </ul>
        </div>
      ))}
      <footer>
        {meta.git && <div class="mono">{meta.git.branch ?? ""} {meta.git.commit.slice(0, 8)}</div>}
        <div>{dateTime(meta.generated)}</div>
        <div>transform {meta.transform}</div>
      </footer>
    </nav>
  );
}

function Entry({ place, current }: { place: Place; current: boolean }) {
  const to = href([place.path].filter(Boolean));
  useKey(`g ${place.key}`, place.label, () => go(to));
  const failing = place.path === "quality" ? core().nodes.tested.filter((worst) => worst === 3).length : 0;
  return (
    <li>
      <a href={to} aria-current={current ? "page" : undefined}>
        <Icon name={place.icon} />
        {t(place.label)}
        {failing > 0 && (
          <span class="count bad" title={t("home.failing_nodes", { count: failing })}>
            {number(failing)}
          </span>
        )}
      </a>
    </li>
  );
}

/** Files that could not be loaded, each by its name. */
function Failures() {
  const [failed, setFailed] = useState<LoadError[]>([]);
  useEffect(() => onFailure((error) => setFailed((all) => (all.some((known) => known.file === error.file) ? all : [...all, error]))), []);
  return (
    <div class="notices" aria-live="polite">
      {failed.map((error) => (
        <Notice key={error.file} tone="warn">
          {t(`load.${error.reason}`, { file: error.file })}
        </Notice>
      ))}
    </div>
  );
}
