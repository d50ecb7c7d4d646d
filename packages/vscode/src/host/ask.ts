import { encodeUtf8, isItemName } from '@fuin/crypto-core';
import { GENERATORS } from '@fuin/items';
import {
  destinationsOf,
  type SealedChoice,
  type Sealing,
  sealingFor,
  sealingWith,
} from '@fuin/kubeseal-cli/editor';
import { type TextDocument, window, workspace } from 'vscode';
import { readValueFile } from './value-file.ts';
import type { Source } from './world.ts';

/** What to seal with, and how notifications call it. */
export interface ChosenSealing {
  readonly sealing: Sealing;
  readonly name: string;
}

/**
 * What a document is sealed with: by the rules of `.kubeseal.yaml`, else a person chooses one of its
 * clusters; the certificate of the configuration where there are no settings, or one that a person chooses.
 * Undefined where the person chooses nothing.
 */
export async function askForSealing(
  document: TextDocument,
  source: Source,
): Promise<ChosenSealing | undefined> {
  const { world, file } = source;
  const destinations = await destinationsOf(file, world);
  const [only] = destinations;
  if (only?.rule) return { sealing: sealingFor(only, world), name: `cluster ${only.cluster.name}` };
  if (destinations.length === 0) return askForCertificate(document, source);
  const choices = destinations.map((destination) => ({ label: destination.cluster.name, destination }));
  const title = 'No rule of .kubeseal.yaml names a cluster for this text. Which cluster is it for?';
  const chosen = await window.showQuickPick(choices, { title });
  if (!chosen) return undefined;
  return { sealing: sealingFor(chosen.destination, world), name: `cluster ${chosen.label}` };
}

async function askForCertificate(
  document: TextDocument,
  { world }: Source,
): Promise<ChosenSealing | undefined> {
  const configured = workspace.getConfiguration('kubeseal', document.uri).get('certificate', '');
  if (configured !== '') return { sealing: sealingWith(configured, world), name: configured };
  const title = 'Certificate of the cluster';
  const [file] = (await window.showOpenDialog({ title, openLabel: 'Seal with it' })) ?? [];
  return file && { sealing: sealingWith(file.fsPath, world), name: file.fsPath };
}

/** The only SealedSecret, or the one that a person chooses. */
export async function askForSealed(choices: readonly SealedChoice[]): Promise<SealedChoice | undefined> {
  if (choices.length < 2) return choices[0];
  const picks = choices.map((choice) => ({
    label: choice.name,
    description: choice.items.join(', '),
    choice,
  }));
  return (await window.showQuickPick(picks, { title: 'Which SealedSecret?' }))?.choice;
}

const NEW_ITEM = 'New item...';

/** The item that is set: one that is there, or a new one. */
export async function askForItem({ name, items }: SealedChoice): Promise<string | undefined> {
  const chosen = await window.showQuickPick([...items.map((label) => ({ label })), { label: NEW_ITEM }], {
    title: `Item of ${name}`,
  });
  if (chosen?.label !== NEW_ITEM) return chosen?.label;
  return window.showInputBox({
    title: `Name of the new item of ${name}`,
    validateInput: (text) => (isItemName(text) ? undefined : 'Letters, digits, -, _ and . are allowed.'),
  });
}

/** Where a value comes from. A value that is typed is hidden, and kept nowhere. */
const VALUE_SOURCES = [
  { label: 'Type it', of: typedValue },
  { label: 'Take the content of a file', of: valueOfFile },
  {
    label: 'Make a password at random',
    of: async () => encodeUtf8(GENERATORS.password.make(GENERATORS.password.size.usual)),
  },
];

/** The value for an item; undefined where a person gives none. */
export async function askForValue(item: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const source = await window.showQuickPick(VALUE_SOURCES, { title: `Value of ${item}` });
  return source?.of(item);
}

async function typedValue(item: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const text = await window.showInputBox({
    title: `Value of ${item}`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (given) => (given === '' ? 'The value is empty.' : undefined),
  });
  return text === undefined || text === '' ? undefined : encodeUtf8(text);
}

async function valueOfFile(item: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const [file] = (await window.showOpenDialog({ title: `Value of ${item}`, openLabel: 'Seal it' })) ?? [];
  return file && readValueFile(file.fsPath);
}
