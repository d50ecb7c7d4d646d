import { looksOf } from '../check-value.ts';
import { type Fields, type Finding, fieldsOf, inside, type Place } from './finding.ts';

const MAX_SHOWN = 5;

/** Judges the secretGenerators of a Kustomization, which make Secrets of values in the clear. */
export function judgeKustomization(object: Fields, place: Place): Finding[] {
  const generators: unknown = object['secretGenerator'];
  if (!Array.isArray(generators)) return [];
  return generators.flatMap((generator: unknown, at) =>
    judgeGenerator(fieldsOf(generator), inside(place, 'secretGenerator', String(at))),
  );
}

function judgeGenerator(generator: Fields, place: Place): Finding[] {
  const { label } = place;
  const name = typeof generator['name'] === 'string' ? generator['name'] : '(no name)';
  const about = ['secretGenerator', name];
  const items = textsIn(generator['literals'])
    .filter((literal) => isClear(literal.slice(literal.indexOf('=') + 1)))
    .map((literal) => (literal.includes('=') ? literal.slice(0, literal.indexOf('=')) : '(no name)'));
  const files = [
    ...textsIn(generator['files']).map((file) => file.slice(file.indexOf('=') + 1)),
    ...textsIn(generator['envs']),
    ...textsIn([generator['env']]),
  ];
  return [
    ...items.map(
      (item): Finding => ({
        rule: 'kustomize-literals',
        message: `${label}: item ${item} of secretGenerator ${name} is in the clear`,
        about: [...about, item],
        path: inside(place, 'literals').path,
      }),
    ),
    ...(files.length === 0
      ? []
      : [
          {
            rule: 'kustomize-files',
            message: `${label}: secretGenerator ${name} reads values in the clear from ${listed(files)}`,
            about: [...about, ...files],
            path: place.path,
          } satisfies Finding,
        ]),
  ];
}

function textsIn(value: unknown): string[] {
  return (Array.isArray(value) ? value : []).filter(
    (each: unknown): each is string => typeof each === 'string' && each !== '',
  );
}

function isClear(value: string): boolean {
  return value !== '' && looksOf(value.replace(/^(["'])(.*)\1$/, '$2')) !== 'reference';
}

function listed(files: readonly string[]): string {
  const more = files.length > MAX_SHOWN ? [`and ${files.length - MAX_SHOWN} more`] : [];
  return [...files.slice(0, MAX_SHOWN), ...more].join(', ');
}
