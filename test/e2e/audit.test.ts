// Ours alone: upstream writes no audit log.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster/cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { PROGRAM, runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const CANARY = 'canary-of-the-audit-log';
let world: World;
let scratch: string;
let log: string;
let scene: Scene;

interface Line {
  readonly seq: number;
  readonly hash: string;
  readonly kind: string;
  readonly reason?: string;
  readonly object?: { readonly namespace?: string; readonly name: string };
  readonly [member: string]: unknown;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-audit-'));
  log = join(scratch, 'logs', 'audit.jsonl');
  await mkdir(join(scratch, 'logs'));
  world = await World.running(await startCluster(), { args: [`--audit-log=${log}`], isExposed: true });
  scene = await Scene.of(world);
});
afterAll(async () => {
  await world?.kill();
  await world?.close();
  await rm(scratch, { recursive: true, force: true });
});

async function linesOf(file: string): Promise<Line[]> {
  const whole = (await readFile(file, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
  return whole.map((line) => JSON.parse(line));
}
const lines = () => linesOf(log);
const untilLine = (what: string, isIt: (line: Line) => boolean) =>
  eventually(`a line: ${what}`, async () => (await lines()).findLast(isIt));
/** A line about an object of this test: other files leave objects on a server that they share. */
const untilOwn = (wanted: string) =>
  untilLine(wanted, ({ kind, object }) => kind === wanted && object?.namespace === scene.namespace);
const verify = (...args: readonly string[]) => runToEnd(KUBESEAL, ['audit', 'verify', ...args]);

describe('the audit log', () => {
  it('begins with the process, its keys and its leadership, for the owner only', async () => {
    await untilLine('leads', ({ kind }) => kind === 'leader.started');
    const [first] = await lines();
    expect(first).toMatchObject({ v: 1, seq: 1, kind: 'controller.started', prev: '0'.repeat(64) });
    const key = (await lines()).find(({ kind }) => kind === 'key.loaded');
    expect(key).toMatchObject({ object: { kind: 'Secret', namespace: world.home, name: 'key-a' } });
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });
  it('tells that a SealedSecret was opened, by whom it was written, and what became of its Secret', async () => {
    await scene.sealAndApply({ password: CANARY, user: 'shop' });
    await scene.untilInSync({ password: CANARY, user: 'shop' });
    const { namespace } = scene;
    const created = await untilOwn('secret.created');
    expect(created).toMatchObject({
      object: { kind: 'Secret', namespace, name: 'db', uid: (await scene.secret())?.metadata.uid },
      items: ['password', 'user'],
    });
    const opened = await untilOwn('sealedsecret.opened');
    expect(opened).toMatchObject({
      object: { kind: 'SealedSecret', namespace, name: 'db', generation: 1 },
      ...{ items: ['password', 'user'], itemCount: 2 },
      keys: [expect.stringMatching(/^SHA256:/)],
      actor: { manager: expect.stringMatching(/./), operation: expect.stringMatching(/^(Apply|Update)$/) },
    });
  });
  it('tells changes and refusals with their reason', async () => {
    await scene.sealAndApply({ password: `${CANARY}-2` });
    await untilOwn('secret.updated');
    await scene.editSecret({ stringData: { password: 'changed-by-hand' } });
    await untilLine('drifted', ({ kind, action }) => kind === 'secret.drifted' && action === 'repair');
    const other = scene.named('other');
    const stolen = await other.seal({ password: CANARY });
    await scene.named('thief').apply(stolen);
    const refused = await untilOwn('secret.refused');
    expect(refused).toMatchObject({
      reason: 'NoKeyOpensValue',
      items: ['password'],
      object: { name: 'thief' },
    });
  });
  it('counts requests by peer and answer', async () => {
    const body = JSON.stringify(await scene.sealedSecret());
    const answers: number[] = [];
    for (let request = 0; request < 6; request += 1)
      answers.push((await fetch(`${world.controller.url}/v1/verify`, { method: 'POST', body })).status);
    const count = (code: number) => answers.filter((each) => each === code).length;
    const isVerify = ({ kind, route }: Line) => kind === 'http.requests' && route === '/v1/verify';
    await untilLine('requests', isVerify);
    const told = (await lines()).filter(isVerify);
    expect(told).toContainEqual(
      expect.objectContaining({ code: 429, count: count(429), peer: expect.any(String) }),
    );
    expect(told.reduce((sum, line) => sum + Number(line['count']), 0)).toBe(6);
  });
  it('is whole, and never holds a value, however encoded, nor what is sealed', async () => {
    const { code, stderr } = await verify(log);
    expect([code, stderr]).toEqual([0, expect.stringContaining('1 start, 0 of them without a stop before')]);
    const content = await readFile(log, 'utf8');
    const bytes = Buffer.from(CANARY);
    for (const form of [
      CANARY,
      bytes.toString('base64').slice(0, -4),
      bytes.toString('hex'),
      'changed-by-hand',
    ])
      expect(content).not.toContain(form);
    const { encryptedData } = Object((await scene.sealedSecret())?.['spec']);
    expect(content).not.toContain(String(encryptedData.password).slice(0, 24));
  });
  it('has an anchor elsewhere, against which it can be held', async () => {
    const path = `/api/v1/namespaces/${world.home}/events`;
    const anchor = await eventually('an anchor', async () => {
      const { items } = await world.client.list(path);
      return items.find(({ ...event }) => event['reason'] === 'AuditAnchor');
    });
    const head = /hash ([0-9a-f]{64})$/.exec(String(anchor['message']))?.[1] ?? '';
    expect(await world.controller.logs()).toContain(`hash=${head}`);
    expect((await verify('--head', head, log)).code).toBe(0);
    const cut = join(scratch, 'cut');
    await writeFile(cut, `${(await readFile(log, 'utf8')).split('\n')[0]}\n`);
    const cutOff = await verify('--head', (await lines()).at(-1)?.hash ?? '', cut);
    expect([cutOff.code, cutOff.stderr]).toEqual([3, expect.stringContaining('lines were cut off')]);
  });
  it('follows a rotation, and its chain goes on in the next file', async () => {
    await rename(log, `${log}.1`);
    await scene.sealAndApply({ password: `${CANARY}-3` });
    await scene.untilInSync({ password: `${CANARY}-3` });
    await eventually(
      'the next file',
      async () => (await stat(log).catch(() => undefined))?.size || undefined,
    );
    expect((await lines())[0]).toMatchObject({ kind: 'audit.file-changed', reason: 'replaced' });
    expect((await verify(`${log}.1`, log)).code).toBe(0);
    expect((await verify(log)).code).toBe(3);
    await rename(`${log}.1`, join(scratch, 'first.jsonl'));
  });
  it('goes on after a crash in the middle of its work, and tells of the line that was torn', async () => {
    const sealed = await scene.seal({ password: CANARY });
    const applied = Array.from({ length: 20 }, (_, at) => scene.named(`load-${at}`).apply(sealed));
    await untilLine('some work', ({ object }) => object?.name.startsWith('load-') === true);
    await world.kill();
    await Promise.all(applied);
    await appendFile(log, '{"v":1,"chain":"a line that a crash to');
    await world.start();
    await untilLine('the new start', ({ kind }) => kind === 'controller.started');
    const { code, stderr } = await verify(join(scratch, 'first.jsonl'), log);
    expect([code, stderr]).toEqual([0, expect.stringContaining('2 starts, 1 of them without a stop before')]);
    expect(stderr).toContain('1 line torn by a crash');
  });
  it('ends with a line, after which an orderly start is no crash', async () => {
    await world.stop();
    const last = (await lines()).at(-1);
    expect(last).toMatchObject({ kind: 'controller.stopped' });
    expect((await verify('--head', last?.hash ?? '', join(scratch, 'first.jsonl'), log)).code).toBe(0);
    await world.start();
    await untilLine(
      'the new start',
      ({ kind, seq }) => kind === 'controller.started' && seq > (last?.seq ?? 0),
    );
  });
});

describe('an audit log that cannot be written', () => {
  const readyz = async () => (await fetch(`${world.controller.url}/readyz`)).text();
  const takeAway = () => rename(join(scratch, 'logs'), join(scratch, 'away'));
  const giveBack = () => rename(join(scratch, 'away'), join(scratch, 'logs'));
  const FAILING = 'ok\nthe audit log cannot be written: see the log\n';

  it('stops no work, shows in readyz and metric, and has all lines later', async () => {
    await takeAway();
    const blind = scene.named('blind');
    await blind.sealAndApply({ password: CANARY });
    await blind.untilInSync({ password: CANARY });
    await eventually('readyz', async () => (await readyz()) === FAILING || undefined);
    const metrics = await (await fetch(`${world.controller.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/^sealed_secrets_controller_audit_failing 1$/m);
    await giveBack();
    await untilLine(
      'made in the dark',
      ({ object, kind }) => kind === 'secret.created' && object?.name === 'blind',
    );
    await eventually('readyz', async () => (await readyz()) === 'ok\n' || undefined);
    expect((await verify(join(scratch, 'first.jsonl'), log)).code).toBe(0);
  });
  it('stops every write with --audit-failure=refuse, and each write has a line before it', async () => {
    await world.restart('--audit-failure=refuse');
    const planned = scene.named('planned');
    await planned.sealAndApply({ password: CANARY });
    await planned.untilInSync({ password: CANARY });
    const isAbout = ({ object }: Line) => object?.name === 'planned';
    await untilLine('created', (line) => isAbout(line) && line.kind === 'secret.created');
    const told = (await lines()).filter(isAbout);
    expect(told.map(({ kind }) => kind)).toEqual(['sealedsecret.opened', 'write.planned', 'secret.created']);
    await takeAway();
    await eventually('readyz', async () => (await readyz()) === FAILING || undefined);
    const held = scene.named('held');
    await held.sealAndApply({ password: CANARY });
    await held.untilRefused('AuditUnavailable');
    expect(await held.secret()).toBeUndefined();
    await giveBack();
    await held.untilInSync({ password: CANARY });
    expect((await verify(join(scratch, 'first.jsonl'), log)).code).toBe(0);
  });
});

describe('--audit-log=-', () => {
  it('writes lines to stdout and nothing else there', async () => {
    const nobody = { clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }] };
    const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
    const config = { ...nobody, contexts, users: [{ name: 'u', user: {} }], 'current-context': 'x' };
    await writeFile(join(scratch, 'config'), JSON.stringify({ kind: 'Config', ...config }));
    const listen = ['--listen-addr=127.0.0.1:0', '--listen-metrics-addr=127.0.0.1:0'];
    const args = [PROGRAM, `--kubeconfig=${join(scratch, 'config')}`, '--audit-log=-', ...listen];
    const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'] } });
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    await once(child.stdout, 'readable');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    const { code, stderr } = await runToEnd(KUBESEAL, ['audit', 'verify', '-'], await output);
    expect([code, stderr]).toEqual([0, expect.stringContaining('note: 2 lines, 1 start')]);
    expect(await errors).toContain('starting sealed-secrets controller');
  });
});
