import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../packages/controller/src/config/config.ts';
import { template, type Values } from '../support/tools/helm.ts';
import { USERS } from './upstream-users.ts';
import { ARGUMENTS } from './values-lists.ts';

const BIN = join(import.meta.dirname, '../../packages/controller/bin/sealed-secrets-controller.ts');
const run = promisify(execFile);
const argsOf = async (values: Values) => (await template(values)).container.args;

describe('the command line that the chart makes', () => {
  it.concurrent.each([...ARGUMENTS, ...USERS])(
    'is one the controller understands without a warning: $values',
    async ({ values }) => {
      expect(readConfig(await argsOf(values), {})).toMatchObject({ warnings: [] });
    },
  );

  it('is one our program takes', async () => {
    const values = Object.assign({}, ...USERS.map((user) => user.values));
    const { stdout, stderr } = await run(process.execPath, [BIN, ...(await argsOf(values)), '--version']);
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^controller version: \S+\n$/),
      stderr: '',
    });
  });
});
