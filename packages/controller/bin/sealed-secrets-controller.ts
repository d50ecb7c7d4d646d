#!/usr/bin/env node
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// RSA runs on libuv's threads, four by default and fixed once the first one starts; one for each core is
// right
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism()));
// V8 lets a busy heap grow to several times its live size before it collects. Here, a cache of steady size
// lives in it.
setFlagsFromString('--heap-growing-percent=40');

/**
 * A stream that cannot be written loses the text, and nothing else happens: a log reader that has gone, or a
 * full disk, must not end the controller.
 */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  stream.on('error', () => undefined); // pipes and terminals
  return (text) => {
    try {
      stream.write(text);
    } catch {
      // files throw
    }
  };
}

// no top-level await: the single executable is CommonJS
async function start(): Promise<void> {
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    stdout: writerTo(process.stdout),
    stderr: writerTo(process.stderr),
    onSignal: (signal, listener) => process.on(signal, listener),
    onFault: (listener) => process.on('uncaughtException', listener), // unhandled rejections too
    exit: (code) => process.exit(code),
  });
  process.exit(); // an answer that its peer does not read must not keep the process alive
}

void start();
