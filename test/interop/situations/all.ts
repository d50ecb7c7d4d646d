import { CREATION } from './creation.ts';
import { EXISTING } from './existing.ts';
import { REFUSALS } from './refusals.ts';
import type { Situation } from './situation.ts';
import { TEMPLATES } from './templates.ts';
import { UPDATES } from './updates.ts';

/** Every situation in which the controllers are compared. */
export const SITUATIONS: readonly Situation[] = [
  ...CREATION,
  ...UPDATES,
  ...EXISTING,
  ...REFUSALS,
  ...TEMPLATES,
];
