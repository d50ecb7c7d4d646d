import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { installPeer } from '../support/peer-install.ts';
import { template, type Values } from './helm.ts';
import { USERS } from './upstream-users.ts';
import { ARGUMENTS } from './values-lists.ts';

const BIN = join(import.meta.dirname, '../../packages/controller/bin/sealed-secrets-controller.ts');
const run = promisify(execFile);
const argsOf = async (values: Values) => (await template(values)).container.args;

describe('the command line that the chart makes', () => {
  it.each([...ARGUMENTS, ...USERS])('is one our controller takes: $values', async ({ values }) => {
    const { stdout, stderr } = await run(process.execPath, [BIN, ...(await argsOf(values)), '--version']);
    expect({ stdout, stderr }).toEqual({
      stdout: expect.stringMatching(/^controller version: \S+\n$/),
      stderr: '',
    });
  });

  it("is one upstream's controller takes, so that image.repository alone decides which of them runs", async () => {
    const { controller } = await installPeer();
    for (const { values } of USERS) {
      const { stdout } = await run(controller, [...(await argsOf(values)), '--version']);
      expect(stdout).toContain('controller version');
    }
  });
});
