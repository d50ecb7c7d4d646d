import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../packages/controller/src/config.ts';
import { template, type Values } from './helm.ts';
import { USERS } from './upstream-users.ts';
import { ARGUMENTS } from './values-lists.ts';

const BIN = join(import.meta.dirname, '../../packages/controller/bin/sealed-secrets-controller.ts');
const run = promisify(execFile);
const argsOf = async (values: Values) => (await template(values)).container.args;

describe('the command line that the chart makes', () => {
  it.each(ARGUMENTS)('is one the controller understands without a warning: $values', async ({ values }) => {
    expect(readConfig(await argsOf(values), {})).toMatchObject({ warnings: [] });
  });

  it.each(USERS)('is one our program takes from $who', async ({ values }) => {
    const { stdout, stderr } = await run(process.execPath, [BIN, ...(await argsOf(values)), '--version']);
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^controller version: \S+\n$/),
      stderr: '',
    });
  });
});
