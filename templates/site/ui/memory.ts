/**
 * What the browser remembers of a reader's choices: theme, language, shortcuts.
 *
 * Browsers may refuse storage to pages from disk; then a choice holds for the visit.
 */

const PREFIX = "transform.docs.";

/** What was kept under a name, or null. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps a choice for the next visit. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Nothing is lost but the memory of it.
  }
}
