// Key services that wrap sealing keys at rest. A provider is loaded when a wrapper of it is opened.
export { isWrongDataKey, pauseMsAfter } from './faults.ts';
export type { KeyContext } from './key-context.ts';
export type { KeyWrapper, WrapperWorld } from './key-wrapper.ts';
export { openWrapper, PROVIDERS, wrapperNamesIn } from './providers.ts';
export * from './wrapped-secret.ts';
