#!/usr/bin/env node
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// RSA runs on libuv's threads, four by default and fixed once the first one starts; one for each core is
// right
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism()));
// V8 lets a busy heap grow to several times its live size before it collects. Here, a cache of steady size
// lives in it.
setFlagsFromString('--heap-growing-percent=40');

// no top-level await: the single executable is CommonJS
async function start(): Promise<void> {
  const [{ main }, { lossyWriter }] = await Promise.all([import('../src/main.ts'), import('../src/log.ts')]);
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    stdout: lossyWriter(process.stdout),
    stderr: lossyWriter(process.stderr),
    onSignal: (signal, listener) => process.on(signal, listener),
    onFault: (listener) => process.on('uncaughtException', listener), // unhandled rejections too
    exit: (code) => process.exit(code),
  });
  process.exit(); // an answer that its peer does not read must not keep the process alive
}

void start();
