// Key services that hold a part of keys of format v2, and how often they are asked.
export { BOUNDS, bounded, type Ending } from './bounded.ts';
export type { Decapsulator } from './decapsulator.ts';
export { openDecapsulator } from './decapsulators.ts';
