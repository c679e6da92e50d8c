/**
 * Values of selections with wildcards, matched as the command line matches them (`src/graph/select/pattern.rs` and `method/path.rs`).
 *
 * Names are matched as Python's `fnmatch` does: `*` crosses every separator. Paths are globs: `*` stays inside a folder, `**` does not.
 */

/** Whether a text is meant. */
export type Matcher = (text: string) => boolean;

/** The pattern of a name. What no regular expression says is matched as it stands. */
export function namePattern(pattern: string): Matcher {
  if (!/[*?[]/.test(pattern)) return (text) => text === pattern;
  const expression = compiled(nameExpression(pattern));
  return expression ? (text) => expression.test(text) : (text) => text === pattern;
}

/** The glob of a path; a text says what is wrong with it. */
export function pathGlob(value: string): Matcher | string {
  const source = globExpression(fromHere(value).replace(/\/+$/, ""));
  if (source === null) return "unclosed character class; missing ']'";
  const expression = compiled(source);
  return expression ? (path) => expression.test(path) : "invalid character range";
}

/** `models/a.sql` of `./models/a.sql`: project files spell their folders either way. */
export function fromHere(path: string): string {
  return path.replace(/^(\.\/)+/, "");
}

/** Whether a file or one of the folders that it is in is meant; the folder of all of them has the empty name. */
export function isIn(glob: Matcher, path: string): boolean {
  for (let part = fromHere(path); ; part = part.includes("/") ? part.slice(0, part.lastIndexOf("/")) : "") {
    if (glob(part)) return true;
    if (part === "") return false;
  }
}

function compiled(source: string): RegExp | null {
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    return null;
  }
}

function nameExpression(pattern: string): string {
  let out = "";
  let rest = pattern;
  while (rest) {
    const letter = String.fromCodePoint(rest.codePointAt(0)!);
    rest = rest.slice(letter.length);
    if (letter === "*") out += ".*";
    else if (letter === "?") out += ".";
    else if (letter === "[") {
      const found = bracket(rest, "!");
      out += found ? found.expression : "\\[";
      if (found) rest = found.behind;
    } else out += escaped(letter);
  }
  return out;
}

/** The class that a bracket opens, and what is behind it; a `]` right behind the opening is one of its members. */
function bracket(text: string, negations: string): { expression: string; behind: string } | null {
  const negated = text !== "" && negations.includes(text[0]);
  const body = negated ? text.slice(1) : text;
  const end = body.indexOf("]", body.startsWith("]") ? 1 : 0);
  if (end < 0) return null;
  const letters = [...body.slice(0, end)];
  // A dash between two members is a range; one at an end is itself.
  const parts = letters.map((letter, at) => (letter === "-" && (at === 0 || at + 1 === letters.length) ? "\\-" : escaped(letter)));
  return { expression: `[${negated ? "^" : ""}${parts.join("")}]`, behind: body.slice(end + 1) };
}

/** The expression of a glob; null where a bracket is not closed. */
function globExpression(glob: string): string | null {
  if (glob === "**") return ".*";
  let out = "";
  let at = 0;
  while (at < glob.length) {
    const rest = glob.slice(at);
    const letter = String.fromCodePoint(glob.codePointAt(at)!);
    if (rest.startsWith("**/") && at === 0) {
      out += "(?:/?|.*/)";
      at += 3;
      while (glob.startsWith("**/", at)) at += 3;
    } else if (rest.startsWith("/**/")) {
      out += "(?:/|/.*/)";
      at += 4;
      while (glob.startsWith("**/", at)) at += 3;
    } else if (rest === "/**") {
      out += "/.*";
      at += 3;
    } else if (letter === "*") {
      out += "[^/]*";
      at += 1;
    } else if (letter === "?") {
      out += "[^/]";
      at += 1;
    } else if (letter === "[") {
      const found = bracket(glob.slice(at + 1), "!^");
      if (!found) return null;
      out += found.expression;
      at = glob.length - found.behind.length;
    } else if (letter === "\\" && at + 1 < glob.length) {
      const next = String.fromCodePoint(glob.codePointAt(at + 1)!);
      out += escaped(next);
      at += 1 + next.length;
    } else {
      out += escaped(letter);
      at += letter.length;
    }
  }
  return out;
}

/** A letter as itself, in and out of a class; a dash needs more thought in one. */
function escaped(letter: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter;
}
