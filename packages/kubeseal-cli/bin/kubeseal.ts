#!/usr/bin/env node
import { processIo } from '../src/io/io.ts';
import { main } from '../src/main.ts';

const io = processIo();
// no top-level await: chunks that load lazily import this one, and would wait for it while it waits for them
void main(process.argv.slice(2), io).then(async (code) => {
  await io.written();
  process.exit(code); // at once: Node would take each part of itself down first
});
