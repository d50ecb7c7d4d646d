import { describe, expect, it } from 'vitest';
import { nearestCommand } from '../invocation/find-command.ts';
import { CERT } from '../testing/keys.ts';
import { runCli } from '../testing/run-cli.ts';
import { COMMANDS } from './table.ts';

const SECRET = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';
const files = { c: CERT, 's.yaml': SECRET };

describe('a mistyped command', () => {
  it.each([
    ['chek', 'check'],
    ['Check', 'check'],
    ['hceck', 'check'],
    ['checkk', 'check'],
    ['completoin', 'completion'],
    ['compltion', 'completion'],
    ['craete', 'create'],
    ['hepl', 'help'],
    ['mannual', 'manual'],
    ['versoin', 'version'],
  ])('%s is an error with the nearest name, whatever follows', async (slip, name) => {
    for (const rest of [[], ['s.yaml'], ['--cert', 'c', '-f', 's.yaml'], ['--no-such-flag']]) {
      const { code, stdout, stderr } = await runCli({ argv: [slip, ...rest], files, stdin: SECRET });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(`error: unknown command "${slip}"\nhint: did you mean ${name}?\n`);
    }
  });
  it('is reported by the command help too', async () => {
    const { code, stderr } = await runCli({ argv: ['help', 'chek'] });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: help: unknown command "chek"\nhint: did you mean check?\nhint: usage: kubeseal help [COMMAND]\n',
    );
  });
});

describe("an argument of upstream's command lines", () => {
  it.each(['seal', 'secret', 'db', 'encrypt', 'apply', 'test', 's.yaml', 'checksums', 'get', 'sets'])(
    'is ignored where it is %s',
    async (word) => {
      const argv = [word, '--cert', 'c', '-f', 's.yaml'];
      const { code, stdout, stderr } = await runCli({ argv, files });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('"kind": "SealedSecret"');
    },
  );
  it('is ignored where a file has the name, or a flag comes first', async () => {
    for (const argv of [
      ['chek', '--cert', 'c'],
      ['--cert', 'c', 'versoin'],
    ]) {
      const { code, stdout } = await runCli({ argv, files: { ...files, chek: SECRET }, stdin: SECRET });
      expect(code).toBe(0);
      expect(stdout).toContain('"kind": "SealedSecret"');
    }
  });
  it('is the name of no command because objects have a property of that name', async () => {
    for (const word of ['constructor', '__proto__', 'toString']) {
      expect(nearestCommand(word, COMMANDS)).toBeUndefined();
      expect((await runCli({ argv: [word, '--cert', 'c', '-f', 's.yaml'], files })).code).toBe(0);
    }
  });
});
