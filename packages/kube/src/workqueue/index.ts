// A queue of object keys: each once, never worked on twice at a time, namespaces by turns.
export type { LaneLimits, WorkQueue } from './types.ts';
export { createWorkQueue } from './workqueue.ts';
