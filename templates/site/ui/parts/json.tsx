/** Values of configs and `meta`, which may be any JSON. */

/** A value: plain text where it is plain, JSON otherwise. */
export function JsonValue({ value }: { value: unknown }) {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return <code>{value.join(", ")}</code>;
  return <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>;
}

/** Names and values, sorted by name. */
export function JsonFacts({ values }: { values: Record<string, unknown> }) {
  return (
    <dl class="facts">
      {Object.keys(values)
        .sort()
        .map((name) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}><JsonValue value={values[name]} /></dd>])}
    </dl>
  );
}
