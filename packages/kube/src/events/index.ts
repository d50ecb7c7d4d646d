// Events that a person reads beside an object.
export { createEventRecorder } from './event-recorder.ts';
export type { EventRecorder } from './types.ts';
