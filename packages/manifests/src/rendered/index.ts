/** What other programs render: streams of manifests, and lists of objects for functions. */
export { headOf, piecesOf } from './pieces.ts';
export { type ListChanges, replaceItems } from './replace-items.ts';
