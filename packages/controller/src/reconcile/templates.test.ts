import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../../test/support/time/patience.ts';
import { FakeClock } from '../../../kube/src/testing/fake-clock.ts';
import { GaveWay } from './status/failures.ts';
import { createTemplateEngine, type TemplateEngine } from './templates.ts';

const ENDLESS = '{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}';
const request = (text: string) => ({ templates: new Map([['item', text]]), values: new Map() });
const MINUTE_MS = 60_000;

let engine: TemplateEngine;
let clock: FakeClock;
function make(limits = { promptMs: 300, patientMs: 400 }): TemplateEngine {
  clock = new FakeClock();
  engine = createTemplateEngine(clock, limits);
  return engine;
}
const failureOf = (rendering: Promise<unknown>) => rendering.catch((error: unknown) => error);
const textOf = (outputs: ReadonlyMap<string, Uint8Array>) => new TextDecoder().decode(outputs.get('item'));
const patient = { promptMs: PATIENCE_MS, patientMs: PATIENCE_MS };

describe('TemplateEngine', () => {
  afterEach(() => engine.close());

  it('gives templates that take long another try with more time, and only then reports them', async () => {
    const { forNamespace, isSlow } = make();
    expect(await failureOf(forNamespace('evil')(request(ENDLESS)))).toBeInstanceOf(GaveWay);
    expect([isSlow('evil'), isSlow('good')]).toEqual([true, false]);
    expect(await failureOf(forNamespace('evil')(request(ENDLESS)))).toMatchObject({
      failures: [{ kind: 'time-limit' }],
    });
  });
  it('finishes with the second try what needs more time than others can wait', async () => {
    const { forNamespace } = make({ promptMs: 1, patientMs: 60_000 });
    const authority = request('{{ (genCA "ca" 1).Cert }}');
    expect(await failureOf(forNamespace('blue')(authority))).toBeInstanceOf(GaveWay);
    const outputs = await forNamespace('blue')(authority);
    expect(textOf(outputs)).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });
  it('lets no reconcile that began before its namespace was slow delay the others', async () => {
    const { forNamespace } = make();
    const early = forNamespace('evil');
    await failureOf(forNamespace('evil')(request(ENDLESS)));
    expect(await failureOf(early(request('x{{ 1 }}')))).toBeInstanceOf(GaveWay);
  });
  it('forgets that a namespace was slow after ten minutes', async () => {
    const { forNamespace, isSlow } = make();
    await failureOf(forNamespace('evil')(request(ENDLESS)));
    await clock.advance(10 * MINUTE_MS - 1);
    expect(isSlow('evil')).toBe(true);
    await clock.advance(1);
    expect(isSlow('evil')).toBe(false);
    await failureOf(forNamespace('other')(request(ENDLESS)));
    expect(isSlow('other')).toBe(true);
  });
  it('ends its threads once nobody has rendered for a minute, and starts others when somebody does', async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker) => void workers.push(worker);
    process.on('worker', note);
    const render = make(patient).forNamespace('blue');
    await render(request('{{ 1 }}'));
    await clock.advance(MINUTE_MS - 1);
    await render(request('{{ 2 }}'));
    await clock.advance(MINUTE_MS - 1);
    expect(workers.map(({ threadId }) => threadId > 0)).toEqual([true]);
    const ended = workers.map((worker) => once(worker, 'exit'));
    await clock.advance(1);
    await Promise.all(ended);
    expect(textOf(await render(request('{{ 3 }}')))).toBe('3');
    expect(workers).toHaveLength(2);
    process.off('worker', note);
  });
  it('does not count the time for which somebody renders', async () => {
    const render = make(patient).forNamespace('blue');
    const rendering = render(request('{{ genPrivateKey "ecdsa" }}'));
    await clock.advance(10 * MINUTE_MS);
    expect(textOf(await rendering)).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
    expect(clock.timerCount).toBe(1);
  });
  it('starts nothing again once it is closed, whatever still renders then', async () => {
    const render = make(patient).forNamespace('blue');
    await render(request('{{ 1 }}'));
    await engine.close();
    expect(await failureOf(render(request('{{ 2 }}')))).toEqual(new Error('the template engine is closed'));
    expect(clock.timerCount).toBe(0);
  });
});
