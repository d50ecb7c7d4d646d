import { failed, ownSecret, type Situation } from './situation.ts';
import { apply, legacy } from './steps.ts';

/** `spec.template.data` and the legacy `spec.data`. */
export const TEMPLATES: readonly Situation[] = [
  {
    title: 'a template uses values, functions and control structures',
    play: withTemplates(
      { ini: 'pw={{ .password | upper | quote }}{{ if .user }} user={{ .user }}{{ end }}', plain: 'text' },
      { password: 's3cret', user: 'ann' },
    ),
  },
  {
    title: 'a template names a value that is not there',
    play: withTemplates({ ini: '[{{ .nothing }}]' }, { a: '1' }),
  },
  {
    title: 'a template renders bytes that are no text',
    play: withTemplates({ out: '{{ "/w==" | b64dec }}' }, { a: '1' }),
  },
  {
    title: 'the template changes and the values do not',
    play: async (scene) => {
      await withTemplates({ ini: 'v1 {{ .a }}' }, { a: '1' })(scene);
      await withTemplates({ ini: 'v2 {{ .a }}' }, { a: '1' })(scene);
    },
  },
  {
    title: 'a template cannot be parsed',
    play: withTemplates({ ini: '{{ if }}' }, { a: '1' }),
    differs: {
      why: 'section 7 row 1: errors come from a fixed vocabulary',
      ours: failed('template "ini" line 1: the text is not a valid template (ini)'),
    },
  },
  {
    title: 'a template asks for the environment',
    play: withTemplates({ ini: '{{ env "HOME" }}' }, { a: '1' }),
    differs: {
      why: 'v0.27.1 prints the environment of the controller; newer ones have no env, as ours',
      ours: {
        secret: undefined,
        ...failed('template "ini" line 1: env: the function does not exist (ini)'),
      },
    },
  },
  {
    title: 'a template fails with a value in its words',
    play: withTemplates({ ini: '{{ fail .password }}' }, { password: 'canary' }),
    differs: {
      why: 'section 7 row 1: upstream prints the value into status and events',
      ours: failed('template "ini" line 1: fail: the template called fail (ini)'),
    },
  },
  {
    title: 'a value cannot be opened and a template fails',
    play: async (scene) => {
      const sealed = await scene.seal({ a: '1' }, { name: 'other' });
      const template = { data: { ini: '{{ fail "too" }}' } };
      await apply(scene, { ...sealed, spec: { ...(sealed['spec'] as object), template } });
    },
    differs: {
      why: 'section 7 row 4: nothing is rendered before everything is open',
      ours: failed('no key could decrypt secret (a)'),
    },
  },
  {
    title: 'a template has the name of a sealed item',
    play: withTemplates({ a: 'from the template' }, { a: 'sealed' }),
    differs: {
      why: 'v0.27.1 lets the template win; newer ones let the sealed item win, as ours',
      ours: { secret: ownSecret({ a: 'sealed' }) },
    },
  },
  {
    title: 'a template names a sibling template',
    play: withTemplates({ one: 'raw', two: '[{{ .one }}]' }, { a: '1' }),
    differs: {
      why: 'v0.27.1 does not know siblings; newer ones hand over their text, as ours',
      ours: { secret: ownSecret({ a: '1', one: 'raw', two: '[raw]' }) },
    },
  },
  {
    title: 'legacy data holds a whole Secret',
    play: async (scene) => {
      const metadata = { name: 'x', namespace: 'x', labels: { l: '1' }, annotations: { n: '1' } };
      const data = { a: btoa('1') };
      await apply(
        scene,
        await legacy(scene, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }),
      );
    },
  },
  {
    title: 'legacy data holds no Secret',
    play: async (scene) => apply(scene, await legacy(scene, ['canary'])),
    differs: {
      why: "section 7 row 1: the decoder's words may quote plaintext",
      ours: failed("the deprecated field 'data' does not hold a Secret"),
    },
  },
  {
    title: 'legacy data was sealed for another name',
    play: async (scene) => apply(scene, await legacy(scene, {}, 'other')),
    differs: {
      why: 'ours names the field, as it names items',
      ours: failed('no key could decrypt secret (data)'),
    },
  },
  {
    title: 'legacy data stands beside encryptedData',
    play: async (scene) => {
      const sealed = await scene.seal({ a: '1' });
      const { spec } = await legacy(scene, {});
      await apply(scene, {
        ...sealed,
        spec: { ...(sealed['spec'] as object), ...(spec as object), ...itemsOf(sealed) },
      });
    },
  },
];

function withTemplates(
  data: Readonly<Record<string, string>>,
  texts: Readonly<Record<string, string>>,
): Situation['play'] {
  return async (scene) => apply(scene, await scene.sealWith({ data }, texts));
}

function itemsOf({ spec }: { readonly [field: string]: unknown }): object {
  const { encryptedData } = spec as { encryptedData: object };
  return { encryptedData };
}
