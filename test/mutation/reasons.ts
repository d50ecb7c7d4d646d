/** Of accepted changes by file: what stands there, what was put in its place, and why nobody can see it. */
export type Rows = Readonly<
  Record<string, readonly (readonly [original: string, replacement: string, reason: string])[]>
>;

/** Stands for what the tester puts into an empty list. */
export const SOMETHING = '["Stryker was here"]';
export const NO_SUCH_KEY = 'ids of keys: no key has this one, so that nothing comes first';
export const NO_MATCH = 'of a list without a match, only entries behind the first count';
export const NO_OTHER_ERROR = 'nothing within throws another error, unless it has a bug, which must stay one';
export const NO_TWICE = 'the names come from the keys of an object, so that no two are equal';
