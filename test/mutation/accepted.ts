import type { Accepted } from './verdict.ts';

/** Mutants that live because they change nothing that anyone can see. */
export const ACCEPTED: readonly Accepted[] = [];
