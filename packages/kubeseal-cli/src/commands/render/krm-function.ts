import { KIND, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { withPlace } from '../../input/secrets.ts';
import { nameOf } from '../../inspect/judge/finding.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import { readCommandLine } from '../../invocation/command-line.ts';
import type { KRM_FUNCTION_FLAGS } from '../../invocation/flags/command-flags.ts';
import { type FunctionConfig, readFunctionConfig } from './function-config.ts';
import { type SealedPlace, sealedPlaceOf } from './place.ts';
import { refusePlain } from './refuse-plain.ts';
import {
  type FunctionResult,
  failedResourceList,
  type ResourceList,
  readResourceList,
  resultFor,
  writeResourceList,
} from './resource-list.ts';
import { isPlainSecret, type Rendered, sealRendered } from './seal-rendered.ts';
import { type OpenSealing, sealingOnce } from './sealing.ts';

type Given = CommandLine<typeof KRM_FUNCTION_FLAGS>;

/**
 * `kubeseal krm-function`: a function of the KRM Functions Specification. It seals the Secrets of the list,
 * and looks whether SealedSecrets open where Kustomize has put them. Where one does not, the list that is
 * printed holds the results and no object.
 *
 * @throws ERR_FINDINGS where something must not stay so; ERR_MANIFEST_INVALID, ERR_USAGE, and the errors of
 * openSealingKey
 */
export async function krmFunction(given: Given, world: CommandWorld): Promise<void> {
  const { stdout } = world.io;
  const results: FunctionResult[] = [];
  try {
    const list = await readResourceList(await world.io.stdin.read());
    for (const warning of list.warnings) world.warn(warning);
    const written = await transformed(list, results, given, world);
    await refusePlain(Buffer.from(written), 'it cannot be sealed where it stands: take the value out', world);
    await stdout.write(written);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const isKnown = results.some(({ severity }) => severity === 'error');
    const own: FunctionResult[] = isKnown ? [] : [{ message: error.message, severity: 'error' }];
    await stdout.write(failedResourceList([...results, ...own]));
    throw error;
  }
}

/** The list as text, once every object of it is in order. @param results gets what there is to say */
async function transformed(
  list: ResourceList,
  results: FunctionResult[],
  given: Given,
  world: CommandWorld,
): Promise<string> {
  const config = readFunctionConfig(list.functionConfig);
  const own = await withConfig(given, config, world);
  const open = sealingOnce(own, own.flags.namespace, world);
  const changed = new Map<number, object>();
  const failures: SealedSecretsError[] = [];
  for (const [at, item] of list.items.entries()) {
    try {
      const outcome = await outcomeOf(item, config, { open, world });
      if (outcome.object) changed.set(at, outcome.object);
      if (outcome.says) results.push(resultFor(item, 'info', outcome.says));
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      results.push(resultFor(item, 'error', error.message));
      failures.push(error);
    }
  }
  if (failures.length > 0) throw together(failures);
  return writeResourceList(list, changed, results);
}

/** The command line with what the configuration of the function says instead. @throws ERR_USAGE */
async function withConfig(
  given: Given,
  { words }: FunctionConfig,
  { io, commands }: CommandWorld,
): Promise<Given> {
  if (words.length === 0) return given;
  const names = new Set(words.map((word) => word.slice(2, word.indexOf('='))));
  const { flags } = await readCommandLine('krm-function', commands, words, io);
  const chosen = Object.entries(flags).filter(([name]) => names.has(name));
  return {
    ...given,
    flags: { ...given.flags, ...Object.fromEntries(chosen) },
    changed: new Set([...given.changed, ...names]),
  };
}

/** What becomes of an object; nothing of one that stays as it is. */
interface Outcome {
  readonly object?: object;
  readonly says?: string;
}

async function outcomeOf(
  item: Rendered,
  { secrets, renamed }: FunctionConfig,
  { open, world }: { readonly open: OpenSealing; readonly world: CommandWorld },
): Promise<Outcome> {
  if (isPlainSecret(item.value)) {
    if (secrets === 'refuse') throw finding(item, 'is a Secret in the clear', SEAL);
    const sealed = forKustomize(await sealRendered(item, await open(), world));
    return { object: sealed, says: `sealed ${Object.keys(sealed.spec.encryptedData).join(', ')}` };
  }
  if (item.value['kind'] !== KIND) return {};
  const place = placeOf(item);
  if (place.reasons.length === 0) {
    const followed = place.followed();
    return followed ? { object: followed, says: 'its template got its name and namespace' } : {};
  }
  if (renamed === 'refuse') throw finding(item, place.reasons.join(', and '), RENAMED);
  return { object: place.restored(), says: 'got back the place for which it is sealed' };
}

function placeOf(item: Rendered): SealedPlace {
  try {
    return sealedPlaceOf(item);
  } catch (error) {
    throw withPlace(error, item.label);
  }
}

const SEAL = 'seal it and commit the SealedSecret, or let the function seal it: secrets: seal';
const RENAMED =
  'seal it for its last name and namespace, or with a wider scope, or give it back its own: renamed: restore';
const KINDS = 'internal.config.kubernetes.io/previousKinds';
/** A hash of the content would end a strict SealedSecret, and would tell about the plaintext. */
const HASH = 'internal.config.kubernetes.io/needsHashSuffix';

/** Kustomize follows references to an object by the kinds and names that it had before. */
function forKustomize(sealed: SealedSecret): SealedSecret {
  const { annotations } = sealed.metadata;
  if (annotations === undefined) return sealed;
  const { [HASH]: _hash, [KINDS]: kinds, ...others } = annotations;
  const own = kinds === undefined ? {} : { [KINDS]: kinds.replaceAll(/\bSecret\b/g, KIND) };
  return { ...sealed, metadata: { ...sealed.metadata, annotations: { ...others, ...own } } };
}

function finding({ value }: Rendered, says: string, hint: string): SealedSecretsError {
  const message = `${String(value['kind'])} ${nameOf(value)}: ${says}`;
  return new SealedSecretsError('ERR_FINDINGS', message, { hint });
}

function together(failures: readonly SealedSecretsError[]): SealedSecretsError {
  const worst = failures.find(({ code }) => code !== 'ERR_FINDINGS') ?? failures[0];
  const messages = [...new Set(failures.map(({ message }) => message))];
  const hints = [...new Set(failures.flatMap(({ hint }) => hint ?? []))];
  return new SealedSecretsError(worst?.code ?? 'ERR_FINDINGS', messages.join('\nerror: '), {
    ...(hints.length === 0 ? {} : { hint: hints.join('\n') }),
  });
}
