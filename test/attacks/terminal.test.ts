import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClusterWorld,
  startClusterWorld,
} from '../../packages/kubeseal-cli/src/testing/cluster-world.ts';
import { CERT } from '../../packages/kubeseal-cli/src/testing/keys.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';

/** Clears the screen, sets the title, and in C1 form; none of them may reach a terminal through stderr. */
const ESCAPE = '\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m\\u202e';
/** Control and format characters but for the line ends of ordinary messages. */
const MOVES = /(?!\n)[\p{Cc}\p{Cf}]/u;

const files = { 'cert.pem': CERT };
const offline = ['--cert', 'cert.pem', '-n', 'n'];

describe('what a manifest says cannot move the terminal of anyone who reads the errors', () => {
  it.each([
    ['kind', `{"kind":"${ESCAPE}","metadata":{"name":"x"},"data":{"a":"YQ=="}}`],
    ['namespace', `{"kind":"Secret","metadata":{"name":"x","namespace":"${ESCAPE}"},"data":{"a":"YQ=="}}`],
    ['item', `{"kind":"Secret","metadata":{"name":"x"},"data":{"${ESCAPE}":"!"}}`],
    ['field', `{"kind":"Secret","metadata":{"name":"x","labels":{"${ESCAPE}":1}},"data":{"a":"YQ=="}}`],
    ['YAML key', `kind: Secret\nmetadata: {name: x, labels: {"${ESCAPE}": yes}}\ndata: {a: YQ==}\n`],
    ['YAML map key', `kind: Secret\nmetadata: {name: x, "${ESCAPE}": {? [a] : b}}\ndata: {a: YQ==}\n`],
  ])('%s', async (_name, stdin) => {
    const { stderr } = await runCli({ argv: offline, stdin, files, tty: { stderr: true } });
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(MOVES);
  });
});

describe('what a server says cannot move the terminal', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await startClusterWorld();
  });
  afterAll(() => world.stop());

  it('in the message of its Status', async () => {
    const message: unknown = JSON.parse(`"${ESCAPE}"`);
    world.controller.override = () => ({ status: 403, body: JSON.stringify({ kind: 'Status', message }) });
    const { stderr, code } = await world.run(['--fetch-cert']);
    world.reset();
    expect(code).toBe(1);
    expect(stderr).not.toMatch(MOVES);
  });

  it('in the name of a SealedSecret that the controller refuses', async () => {
    world.controller.override = () => ({ status: 409 });
    const stdin = `{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","metadata":{"name":"${ESCAPE}"},"spec":{"encryptedData":{}}}`;
    const { stderr, code } = await world.run(['--validate'], { stdin });
    world.reset();
    expect(code).toBe(1);
    expect(stderr).not.toMatch(MOVES);
  });
});
