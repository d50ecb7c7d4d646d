import {
  assembleSecret,
  type Bytes,
  printable,
  type RenderTemplates,
  SealedSecretsError,
  type Secret,
} from '@fuin/crypto-core';
import type { SealedInput } from '../sealed-secrets.ts';
import { withPlace } from '../secrets.ts';
import type { Opener } from './opener.ts';
import { hasTemplate, openRenderer, type Renderer } from './renderer.ts';

/** How many items that stay closed a message names. */
const MAX_NAMED = 20;

/** Builds Secrets of SealedSecrets. The template engine is loaded when a template needs it, and once. */
export interface SecretOpener {
  /**
   * The Secret as the controller makes it, templates rendered.
   *
   * @throws ERR_NO_KEY_OPENS_VALUE naming each item that stays closed, and why
   * @throws ERR_TEMPLATE_INVALID, ERR_MANIFEST_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED
   */
  secretOf(input: Opened): Promise<Secret>;
  /** The value of one sealed item, whatever becomes of the others. @throws like secretOf */
  itemOf(input: Opened, item: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

type Opened = Pick<SealedInput, 'sealedSecret' | 'label'>;

/** @param opener is closed with it */
export function secretOpener(opener: Opener): SecretOpener {
  let renderer: Promise<Renderer> | undefined;
  const render: RenderTemplates = async (request) => {
    renderer ??= openRenderer();
    return (await renderer).render(request);
  };
  return {
    secretOf: async (input) => {
      const { sealedSecret, label } = input;
      const values = await openAll(input, opener);
      return assembleSecret(sealedSecret, values, hasTemplate(sealedSecret) ? render : undefined).catch(
        (error: unknown) => {
          throw withPlace(error, label);
        },
      );
    },
    itemOf: (input, item) => openOne(input, item, opener),
    close: async () => {
      await opener.close();
      await (await renderer)?.close();
    },
  };
}

async function openAll(input: Opened, opener: Opener): Promise<ReadonlyMap<string, Bytes>> {
  refuseLegacy(input);
  const { values, closed } = await opener.open(input);
  if (closed.size > 0) throw staysClosed(input.label, closed);
  return values;
}

async function openOne({ sealedSecret, label }: Opened, item: string, opener: Opener): Promise<Uint8Array> {
  const { spec } = sealedSecret;
  const encryptedData = Object.fromEntries([[item, spec.encryptedData[item] ?? '']]);
  const single = { sealedSecret: { ...sealedSecret, spec: { ...spec, encryptedData } }, label };
  const value = (await openAll(single, opener)).get(item);
  if (value === undefined) throw staysClosed(label, new Map([[item, 'it was not opened']]));
  return value;
}

/** @throws ERR_MANIFEST_INVALID for spec.data, which upstream no longer opens either */
function refuseLegacy({ sealedSecret, label }: Opened): void {
  if (sealedSecret.spec.data === undefined) return;
  throw new SealedSecretsError(
    'ERR_MANIFEST_INVALID',
    `${label} has the deprecated field spec.data, which cannot be opened`,
    { hint: 'seal its values again' },
  );
}

/** The items by the reasons why they stay closed. */
function staysClosed(label: string, closed: ReadonlyMap<string, string>): SealedSecretsError {
  const byReason = Map.groupBy([...closed], ([, reason]) => reason);
  const clauses = [...byReason].map(([reason, items]) => {
    const names = items.slice(0, MAX_NAMED).map(([item]) => printable(item));
    const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : '';
    return `${names.join(', ')}${more}: ${reason}`;
  });
  return new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', `${label} stays closed (${clauses.join('; ')})`);
}
