import { describe, expect } from 'vitest';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const holder = useWorld();

/** What becomes of a `db` with these items and templates. */
async function rendered(items: Record<string, string>, data: object, status: 'True' | 'False' = 'True') {
  const { world } = holder;
  const namespace = await world.namespace();
  const sealed = await world.seal({ namespace, name: 'db' }, items);
  const spec = sealed['spec'] as { template: object };
  await world.apply({ ...sealed, spec: { ...spec, template: { ...spec.template, data } } });
  const { message } = await world.untilSynced(namespace, 'db', status);
  const secret = await world.secret(namespace, 'db');
  return { message, secret, texts: textsOf(secret) };
}

describe('a template in the cluster', () => {
  it('prints <no value> for what is absent', async () => {
    const { texts } = await rendered({ a: '1' }, { none: '{{ .missing }}' });
    expect(texts).toEqual({ a: '1', none: '<no value>' });
  });
  it('prints its siblings as they are written', async () => {
    const { texts } = await rendered({ a: '1' }, { one: '{{ .a }}', two: '[{{ .one }}]' });
    expect(texts).toEqual({ a: '1', one: '1', two: '[{{ .a }}]' });
  });
  it('yields to a sealed item of its name', async () => {
    const { texts } = await rendered({ a: 'sealed' }, { a: 'template', b: '{{ .a }}' });
    expect(texts).toEqual({ a: 'sealed', b: 'sealed' });
  });
  it('leaves out the sealed item that it sets to null, and sees its value', async () => {
    const { texts } = await rendered({ a: '1', b: '2' }, { a: null, none: null, c: '{{ .a }}{{ .none }}' });
    expect(texts).toEqual({ b: '2', c: '1<no value>' });
  });
  it('passes bytes through', async () => {
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const { texts } = await rendered({ bytes }, { copy: '{{ .bytes }}' });
    expect(texts).toEqual({ bytes, copy: bytes });
  });
  it.each(['env "HOME"', 'expandenv "$HOME"', 'getHostByName "localhost"'])(
    'fails the whole object for {{ %s }}',
    async (call) => {
      const { message, secret } = await rendered(
        { a: '1' },
        { good: '{{ .a }}', bad: `{{ ${call} }}` },
        'False',
      );
      expect(message).toContain('bad');
      expect(secret).toBeUndefined();
    },
  );
});
