import type { Dimension, Slice } from './report.ts';

/** A value of a dimension for people. */
export function labelFor(value: string, label: string): string {
  return value === '' ? 'not known' : label;
}

/** Slices that can be told apart by their labels: agents of the same name by the connector they are known from. */
export function labelled<S extends Pick<Slice, 'value' | 'label'>>(
  by: Dimension,
  slices: readonly S[],
): readonly S[] {
  const names = slices.map(({ value, label }) => labelFor(value, label));
  const seen = new Set<string>();
  const doubled = new Set(names.filter((name) => seen.size === seen.add(name).size));
  return slices.map((slice, nth) => {
    const name = names[nth] ?? slice.label;
    const isDoubled = by === 'agent' && slice.value !== '' && doubled.has(name);
    return { ...slice, label: isDoubled ? `${name} (${slice.value.split('/')[0]})` : name };
  });
}
