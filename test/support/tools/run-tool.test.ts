import { describe, expect, it } from 'vitest';
import { runTool } from './run-tool.ts';

const env = { PATH: process.env['PATH'] };

describe('runTool', () => {
  it('gives what a program said, and its exit code', async () => {
    const { code, stdout, stderr } = await runTool(['sh', '-c', 'cat; echo no >&2; exit 3'], {
      stdin: 'yes',
      env,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: 'yes', stderr: 'no\n' });
  });
  it('kills a program that does not end, and says what its threads waited for', async () => {
    const { code, stderr } = await runTool(['sleep', '1000'], { env, timeoutMs: 500 });
    expect(code).toBe(-1);
    expect(stderr).toMatch(
      /^killed, since it did not end within 500 ms\. Its threads:\nsleep S, system call /,
    );
  });
});
