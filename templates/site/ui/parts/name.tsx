/** Names and paths, which have no spaces: too long ones break where their parts meet. */

/** A name, broken behind `_`, `.`, `/` and `@` where a line is too short for it. */
export function Name({ text }: { text: string }) {
  return <>{text.split(/(?<=[/._@])/).map((part) => [part, <wbr />])}</>;
}
