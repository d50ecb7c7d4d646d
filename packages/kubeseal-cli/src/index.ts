export { type Io, processIo } from './io/io.ts';
export { main } from './main.ts';
