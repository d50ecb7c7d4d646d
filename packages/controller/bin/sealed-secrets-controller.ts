#!/usr/bin/env node
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// RSA runs on libuv's threads, four unless told otherwise before the first of them starts: one per core is right
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism()));
// V8 lets a busy heap grow to several times what lives in it before it collects; what lives here is a cache of steady size
setFlagsFromString('--heap-growing-percent=40');

/** What a stream does not accept is lost and nothing else: a log reader that has gone, or a full disk, must not end the controller. */
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

// no top-level await: the single executable is made of CommonJS
async function start(): Promise<void> {
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    stdout: writerTo(process.stdout),
    stderr: writerTo(process.stderr),
    onSignal: (signal, listener) => process.on(signal, listener),
    onFault: (listener) => process.on('uncaughtException', listener), // rejections without a handler come here too
    exit: (code) => process.exit(code),
  });
  process.exit(); // an answer that somebody does not read must not keep the process
}

void start();
