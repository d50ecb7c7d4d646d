import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startGuarded } from './guarded-process.ts';

const guardModule = join(import.meta.dirname, 'guarded-process.ts');
/** Listens on a free port, prints it and stays. */
const LISTENER =
  "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

describe('startGuarded', () => {
  it('passes the exit code on', async () => {
    expect(await startGuarded(['sh', '-c', 'exit 7']).exited).toBe(7);
  });

  it('ends what it started when it is stopped', async () => {
    const ward = startGuarded(['sh', '-c', 'sleep 600 & sleep 600']);
    await ward.stop();
    expect(ward.isRunning()).toBe(false);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'leaves no orphan when its own process dies of %s',
    async (signal) => {
      const script = `import { startGuarded } from ${JSON.stringify(guardModule)};
      await startGuarded([process.execPath, '-e', ${JSON.stringify(LISTENER)}]).exited;`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(parent.stdout, 'data');
      const port = Number(String(line));
      expect(await isListening(port)).toBe(true);
      parent.kill(signal);
      await expect.poll(() => isListening(port)).toBe(false);
    },
  );
});
