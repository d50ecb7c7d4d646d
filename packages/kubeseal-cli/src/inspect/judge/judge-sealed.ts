import { contradictions, type ObjectMeta, type Scope, withScope } from '@fuin/crypto-core';
import { looksOf } from '../check-value.ts';
import { type Fields, type Finding, fieldsOf, hasItems, inside, nameOf, type Place } from './finding.ts';
import { isReferring } from './judge-secret.ts';
import { judgeValues } from './judge-values.ts';
import type { RuleId } from './rules.ts';

/** Judges a SealedSecret. @param isClear whether it has items in the clear beside its spec */
export function judgeSealed(object: Fields, place: Place, isClear: boolean): Finding[] {
  const { label } = place;
  const name = nameOf(object);
  const named = `SealedSecret ${name}`;
  const spec = fieldsOf(object['spec']);
  const { encryptedData = {}, data: legacy = '' } = spec;
  const template = fieldsOf(spec['template']);
  const found = (rule: RuleId, message: string, ...path: string[]): Finding => ({
    rule,
    message: `${label}: ${message}`,
    about: ['SealedSecret', name, ...path],
    path: inside(place, ...path).path,
  });
  const isClearIn = (items: unknown) => hasItems(items) && !isReferring(items);
  return [
    ...(isClear ? [found('not-sealed', `${named} has items in the clear beside its spec`)] : []),
    ...(typeof encryptedData === 'object'
      ? judgeValues(Object.entries(fieldsOf(encryptedData)), (item) => ({
          message: `${label}: item ${item} of ${named}`,
          about: ['SealedSecret', name, item],
          path: inside(place, 'spec', 'encryptedData', item).path,
        }))
      : [found('not-sealed', `spec.encryptedData of ${named} is not sealed`, 'spec', 'encryptedData')]),
    ...(legacy === '' || legacy === null
      ? []
      : judgeValues([['data', legacy]], () => ({
          message: `${label}: spec.data of ${named}`,
          about: ['SealedSecret', name, 'spec.data'],
          path: inside(place, 'spec', 'data').path,
        }))),
    ...(isClearIn(template['stringData'])
      ? [
          found(
            'secret-in-template',
            `${named} has items in the clear in spec.template.stringData`,
            ...['spec', 'template', 'stringData'],
          ),
        ]
      : []),
    ...(isClearIn(spec['stringData'])
      ? [found('not-sealed', `${named} has items in the clear in spec.stringData`, 'spec', 'stringData')]
      : []),
    ...fixedTexts(template).map((item) =>
      found(
        'fixed-template',
        `template item ${item} of ${named} has fixed text that may be secret`,
        ...['spec', 'template', 'data', item],
      ),
    ),
    ...placesOf(object).map(({ rule, message, path }) => found(rule, `${named}: ${message}`, ...path)),
  ];
}

const CREDENTIAL = '(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credentials?)';
const CREDENTIAL_ITEM = new RegExp(`(?:^|[-_.])${CREDENTIAL}$`, 'i');
/** `db.password = hunter2`, and no expression of the template in the line. */
const CREDENTIAL_LINE = new RegExp(
  `^[\\s-]*["']?(?:[\\w.-]*[-_.])?${CREDENTIAL}["']?\\s*[:=]\\s*["']?[^\\s"'{}$<]{4,}`,
  'i',
);
/** Longer lines are no configuration. */
const MAX_LINE = 1_000;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/;

/** Items of spec.template.data that seem to hold a secret in the clear. */
function fixedTexts(template: Fields): string[] {
  return Object.entries(fieldsOf(template['data'])).flatMap(([item, text]) => {
    if (typeof text !== 'string' || text.trim() === '') return [];
    const isWhole = CREDENTIAL_ITEM.test(item) && !text.includes('{{');
    const isInLine = text
      .split('\n')
      .some((line) => line.length <= MAX_LINE && !line.includes('{{') && CREDENTIAL_LINE.test(line));
    return isWhole || isInLine || PRIVATE_KEY.test(text) ? [item] : [];
  });
}

const SCOPES: readonly Scope[] = ['namespace-wide', 'cluster-wide'];
const ANNOTATIONS = SCOPES.flatMap((scope) => Object.keys(withScope({}, scope)));

interface PlaceFinding {
  readonly rule: RuleId;
  readonly message: string;
  readonly path: readonly string[];
}

/** What contradicts the place and the scope of the values. */
function placesOf(object: Fields): PlaceFinding[] {
  const metadata = metadataOf(object['metadata']);
  const template = { metadata: metadataOf(fieldsOf(fieldsOf(object['spec'])['template'])['metadata']) };
  const against = contradictions({ metadata, spec: { template } }).map(({ cause, message }): PlaceFinding => {
    const isScope = cause === 'template-scope';
    const field = isScope ? 'annotations' : cause.replace('template-', '');
    const path = ['spec', 'template', 'metadata', field];
    return { rule: isScope ? 'scope-contradiction' : 'moved-value', message, path };
  });
  return [...against, ...annotationsOf(metadata.annotations ?? {})];
}

function annotationsOf(annotations: Fields): PlaceFinding[] {
  const present = ANNOTATIONS.filter((key) => Object.hasOwn(annotations, key));
  const path = (key: string) => ['metadata', 'annotations', key];
  const ignored = present
    .filter((key) => annotations[key] !== 'true' && annotations[key] !== 'false')
    .map((key): PlaceFinding => {
      const message = `annotation ${key} has no effect, because its value is not "true"`;
      return { rule: 'scope-ignored', message, path: path(key) };
    });
  const set = present.filter((key) => annotations[key] === 'true');
  const [first = ''] = set;
  const message = 'it is annotated both namespace-wide and cluster-wide: cluster-wide counts';
  return set.length < 2 ? ignored : [...ignored, { rule: 'scope-contradiction', message, path: path(first) }];
}

/** The strings of metadata that count here. Whatever else stands there is hostile or wrong. */
function metadataOf(value: unknown): ObjectMeta {
  const { name, namespace, annotations } = fieldsOf(value);
  return {
    ...(typeof name === 'string' && !isTemplate(name) ? { name } : {}),
    ...(typeof namespace === 'string' && !isTemplate(namespace) ? { namespace } : {}),
    annotations: fieldsOf(annotations) as Readonly<Record<string, string>>,
  };
}

function isTemplate(text: string): boolean {
  return looksOf(text) === 'reference' || text.includes('{{') || text.includes('${');
}
