import type { ResourceType } from './types.ts';

/** Secrets of core/v1. */
export const SECRETS: ResourceType = { group: '', version: 'v1', plural: 'secrets' };
