import { afterEach, describe, expect, it } from 'vitest';
import { GaveWay } from './status/failures.ts';
import { createTemplateEngine, type TemplateEngine } from './templates.ts';

const ENDLESS = '{{ range until 30000 }}{{ range until 30000 }}{{ end }}{{ end }}';
const request = (text: string) => ({ templates: new Map([['item', text]]), values: new Map() });
const MINUTE_MS = 60_000;

let engine: TemplateEngine;
let nowMs = 0;
function make(limits = { promptMs: 300, patientMs: 400 }): TemplateEngine {
  nowMs = 0;
  engine = createTemplateEngine(() => nowMs, limits);
  return engine;
}
const failureOf = (rendering: Promise<unknown>) => rendering.catch((error: unknown) => error);

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
    expect(new TextDecoder().decode(outputs.get('item'))).toMatch(/^-----BEGIN CERTIFICATE-----/);
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
    nowMs = 10 * MINUTE_MS - 1;
    expect(isSlow('evil')).toBe(true);
    nowMs += 1;
    expect(isSlow('evil')).toBe(false);
    await failureOf(forNamespace('other')(request(ENDLESS)));
    expect(isSlow('other')).toBe(true);
  });
});
