/**
 * What an editor needs of kubeseal: texts go in, texts and findings come out. Nothing is written, and no
 * program is run but Git, where that is asked for.
 */

export { isManifestName } from '../input/tree/manifest-name.ts';
export { counted } from '../output/counted.ts';
export { checkFolder, checkText, type FolderCheck, type Problem } from './check.ts';
export { inspectText } from './inspect.ts';
export { clearItemAt, type NewValue, type SealedChoice, sealedIn, setItem } from './items.ts';
export { sealText } from './seal-text.ts';
export { type Destination, destinationsOf, type Sealing, sealingFor, sealingWith } from './sealing.ts';
export { sendByFetch } from './send.ts';
export { smallestEdit } from './smallest-edit.ts';
export type { EditorText, EditorWorld } from './world.ts';
