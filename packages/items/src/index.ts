/**
 * The items of Secrets, for every front end: from files of variables, at random, and checked against the type
 * of the Secret. Isomorphic: no Node module, no Buffer.
 */
export { itemsOfEnvFile } from './env-file.ts';
export { GENERATORS, type Generator, pickFrom, randomBelow } from './generators.ts';
export { type CheckKeyPair, fullTypeName, type Items, itemsForType, SECRET_TYPES } from './secret-types.ts';
export { leakingTemplate } from './template-leaks.ts';
