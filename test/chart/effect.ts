import type { Values } from '../support/tools/helm.ts';

/** What a value comes to: the field at `path` of the object of this kind whose name ends with `name`. */
export interface Effect {
  readonly values: Values;
  readonly kind: string;
  readonly name?: string;
  readonly path: string;
  readonly expected: unknown;
}

export const labels = (values: Values, kind: string, name = ''): Effect => ({
  values,
  kind,
  name,
  path: 'metadata.labels.team',
  expected: 'blue',
});
export const annotations = (values: Values, kind: string, name = ''): Effect => ({
  ...labels(values, kind, name),
  path: 'metadata.annotations.team',
});

/** Labels or annotations of a test. */
export const team = { team: 'blue' };
