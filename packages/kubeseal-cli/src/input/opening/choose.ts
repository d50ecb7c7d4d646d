import type { Warn } from '../../invocation/warnings.ts';
import type { Io } from '../../io/io.ts';
import { inAskedPlace } from '../asked-place.ts';
import { objectName } from '../object-name.ts';
import { sealedObjectsIn } from '../sealed-objects.ts';
import { readSealedSecrets, type SealedInput } from '../sealed-secrets.ts';
import { type Failure, failureOf, isFailure, noneFound } from '../tree/failures.ts';
import { readTree, type TreeFile } from '../tree/tree.ts';

/** Which SealedSecrets are meant; an empty name or namespace means all. */
export interface Choice {
  readonly paths: readonly string[];
  readonly name: string;
  readonly namespace: string;
  /** Whether it is a failure that nothing below the arguments is meant. */
  readonly isNeeded?: boolean;
}

/** A SealedSecret, and the file that it is in. */
export interface ChosenInput extends SealedInput {
  readonly file: string;
}

/**
 * The SealedSecrets that arguments lead to, and why something could not be read. A file that an argument
 * names must hold one that is meant; other files are passed over.
 */
export async function* readChosen(
  choice: Choice,
  io: Pick<Io, 'cwd' | 'stdin'>,
  warn: Warn,
): AsyncGenerator<ChosenInput | Failure> {
  let isEmpty = true;
  for await (const input of readTree(choice.paths, io)) {
    const chosen = isFailure(input)
      ? input
      : await failureOf(input.where, () => chosenIn(input, choice, warn));
    const found = isFailure(chosen) ? [chosen] : chosen;
    isEmpty &&= found.length === 0;
    yield* found;
  }
  if (choice.isNeeded && isEmpty) yield noneFound(objectName(choice), choice.paths);
}

async function chosenIn(
  input: TreeFile,
  { name, namespace }: Choice,
  warn: Warn,
): Promise<(ChosenInput | Failure)[]> {
  const { where, isNamed } = input;
  const found = isNamed ? await readSealedSecrets(input, warn) : await sealedObjectsIn(input);
  const isMeant = ({ sealedSecret: { metadata } }: SealedInput) =>
    (name === '' || metadata.name === name) &&
    (namespace === '' || (metadata.namespace ?? namespace) === namespace);
  const sealed = found.filter((each): each is SealedInput => !isFailure(each));
  const meant = inAskedPlace(sealed.filter(isMeant), namespace, {});
  if (isNamed && meant.length === 0) throw noneFound(objectName({ namespace, name }), [where]).error;
  return [...found.filter(isFailure), ...meant.map((each) => ({ ...each, file: where }))];
}
