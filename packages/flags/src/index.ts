export * from './help.ts';
export * from './parsing.ts';
