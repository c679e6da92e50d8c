/**
 * The colours of pictures, by what they are for. On the page they are the variables of the theme; a canvas, and a picture that leaves the page,
 * need the values that these have at the moment.
 */

/** A colour of the theme, such as `var(--line)`, as it is to be written. */
export type Paint = (variable: string) => string;

/** For SVG on the page. */
export const onPage: Paint = (variable) => variable;

/** For canvases and files: the values that the theme has in an element. */
export function resolved(element: Element): Paint {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (variable) => {
    const found = known.get(variable);
    if (found !== undefined) return found;
    const name = /^var\((--[\w-]+)\)$/.exec(variable)?.[1];
    const value = name ? style.getPropertyValue(name).trim() || "#888888" : variable;
    known.set(variable, value);
    return value;
  };
}
