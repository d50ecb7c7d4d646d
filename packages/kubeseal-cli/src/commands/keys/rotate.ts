import { setTimeout as sleep } from 'node:timers/promises';
import { KEY_ANNOTATIONS, SealedSecretsError } from '@fuin/crypto-core';
import { requestCertificate, requestRecipients } from '../../controller/key-requests.ts';
import type { ControllerService } from '../../controller/service.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { ROTATE_FLAGS } from '../../invocation/flags/keys-flags.ts';
import { keysByMetadata } from '../../keys/inventory.ts';
import { ACTIVE } from '../../keys/key-secret.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { keyChangesAsJson } from '../../keys/report.ts';
import { readFirst } from '../../recipients/certificate/certificate.ts';
import { withController, withKeyCluster } from './cluster.ts';

type Given = CommandLine<typeof ROTATE_FLAGS>;

const POLL_MS = 250;

/**
 * `kubeseal keys rotate`: asks the controller for a new key by an annotation on the Secret of the key that it
 * seals with now, and waits until it serves another certificate. Writing the annotation needs the right to
 * change key Secrets, and who has it has the private keys too.
 *
 * @throws ERR_API_UNAVAILABLE where no new certificate comes in time; the request is taken back
 */
export async function rotateKey(given: Given, world: CommandWorld): Promise<void> {
  const { io } = world;
  const servedKey = given.flags['format-version'] === '2' ? servedRecipient : servedCertificate;
  await withController(given, world, (service) =>
    withKeyCluster(given, world, async ({ store, where }) => {
      const served = () => servedKey(service);
      const before = await served();
      const name = await secretOf(before, store, { world, where });
      await mark(store, name, io.now().toISOString());
      const after = await newKey(served, before, io.now().getTime() + given.flags.timeout, io);
      if (after === undefined) {
        await mark(store, name, null);
        throw noNewKey(given.flags.timeout);
      }
      const keys = [{ name, fingerprint: after, change: 'created' as const }];
      const text = `old ${before}\nnew ${after}\n`;
      await io.stdout.write(given.flags.json ? keyChangesAsJson(keys, [], false) : text);
      const what = given.flags['format-version'] === '2' ? 'recipient' : 'certificate';
      world.warn(`note: the controller in ${where} seals with a new key; back it up, and commit its ${what}`);
    }),
  );
}

/** The id of the newest key of format v2 that the controller serves now. */
async function servedRecipient(controller: ControllerService): Promise<string> {
  const { readServed } = await import('../../recipients/served.ts');
  const fetched = await requestRecipients(controller, undefined);
  const [newest] = fetched === 'not modified' ? [] : await readServed(fetched.body);
  if (newest) return newest.recipient.id;
  throw new SealedSecretsError('ERR_API_REJECTED', 'the controller serves no key of format v2');
}

/** The fingerprint of the key whose certificate the controller serves now. */
async function servedCertificate(controller: ControllerService): Promise<string> {
  const fetched = await requestCertificate(controller, undefined);
  const pem = fetched === 'not modified' ? new Uint8Array() : fetched.body;
  return (await readFirst(pem, 'the answer of the controller')).recipient.id;
}

/** The name of the Secret that holds a key. */
async function secretOf(
  fingerprint: string,
  store: KeyStore,
  { world, where }: { readonly world: CommandWorld; readonly where: string },
): Promise<string> {
  const key = (await keysByMetadata(store, world.warn)).find(
    // a refused Secret may carry any mark
    (each) => each.fingerprint === fingerprint && each.status === ACTIVE,
  );
  if (key) return key.name;
  throw new SealedSecretsError(
    'ERR_KEY_INVALID',
    `no key Secret in ${where} holds the served key ${fingerprint}`,
    {
      hint: 'give --controller-namespace if the keys are elsewhere',
    },
  );
}

async function mark(store: KeyStore, name: string, value: string | null): Promise<void> {
  const secret = await store.metadata(name);
  if (!secret) throw new SealedSecretsError('ERR_CONFLICT', `key Secret ${name} was deleted in the meantime`);
  await store.mark(secret, { labels: {}, annotations: { [KEY_ANNOTATIONS.replace]: value } });
}

/** Another key than before; undefined where none comes in time. A replica that restarts is asked again. */
async function newKey(
  servedKey: () => Promise<string>,
  before: string,
  untilMs: number,
  io: Pick<CommandWorld['io'], 'now'>,
): Promise<string | undefined> {
  for (;;) {
    const served = await servedKey().catch((error: unknown) => {
      if (error instanceof SealedSecretsError && error.code === 'ERR_API_UNAVAILABLE') return before;
      throw error;
    });
    if (served !== before) return served;
    if (io.now().getTime() >= untilMs) return undefined;
    await sleep(POLL_MS);
  }
}

function noNewKey(timeoutMs: number): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_API_UNAVAILABLE',
    `the controller made no new key within ${timeoutMs / 1000} s; the request was taken back`,
    {
      hint: "the log of the controller says why. Upstream's controller cannot be asked: set --key-cutoff-time on it, and it makes a key when it restarts",
    },
  );
}
