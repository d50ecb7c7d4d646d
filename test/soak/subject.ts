import { surely } from '../support/api/surely.ts';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import type { Scene } from '../support/scene.ts';

/** Marks what a hand other than the controller's wrote. */
const FOREIGN = 'foreign-';
/**
 * Repairs of one Secret in a row are spaced further and further apart; more than this would outlast a soak.
 */
const MAX_CORRUPTIONS = 2;

/** One SealedSecret, what people do to it, and what must come of it. */
export class Subject {
  readonly #scene: Scene;
  readonly #wanted = new Set<string>();
  #state: 'absent' | 'sealed' | 'broken' = 'absent';
  #text = '';
  #count = 0;
  #corruptions = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  get name(): string {
    return this.#scene.name;
  }

  get namespace(): string {
    return this.#scene.namespace;
  }

  get isSealed(): boolean {
    return this.#state !== 'absent';
  }

  /** Creates or changes it; sealed with the newest certificate. */
  async seal(certificate: string): Promise<void> {
    const object = await this.#sealNext(certificate);
    await surely(() => this.#scene.apply(object));
    this.#state = 'sealed';
  }

  /** Applies a value that somebody tampered with. */
  async breakSealing(certificate: string): Promise<void> {
    const object = await this.#sealNext(certificate);
    const { encryptedData } = object['spec'] as { encryptedData: Record<string, string> };
    const bytes = Buffer.from(encryptedData['text'] ?? '', 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    encryptedData['text'] = bytes.toString('base64');
    await surely(() => this.#scene.apply(object));
    this.#state = 'broken';
  }

  async remove(): Promise<void> {
    await surely(() => this.#scene.deleteSealedSecret(), this.name);
    this.#state = 'absent';
    this.#corruptions = 0;
  }

  /** Something else changes the Secret. */
  async corrupt(): Promise<void> {
    if (this.#corruptions >= MAX_CORRUPTIONS) return this.removeSecret();
    this.#corruptions += 1;
    const data = { text: btoa(`${FOREIGN}${this.#count}`) };
    await surely(() => this.#scene.editSecret({ data }), this.name);
  }

  /** Something else deletes the Secret. */
  async removeSecret(): Promise<void> {
    this.#corruptions = 0;
    await surely(() => this.#scene.deleteSecret(), this.name);
  }

  /** A text that the Secret holds and nobody ever wanted; undefined when all is well. */
  async findWrong(): Promise<string | undefined> {
    const { text } = textsOf(await this.#scene.secret());
    const isRight = text === undefined || text.startsWith(FOREIGN) || this.#wanted.has(text);
    return isRight ? undefined : text;
  }

  /** Waits until all is as it must be. @throws when it does not become so */
  async untilRight(): Promise<void> {
    if (this.#state === 'sealed') await this.#scene.untilInSync({ text: this.#text });
    else if (this.#state === 'broken') await this.#scene.untilRefused('NoKeyOpensValue');
    else await this.#scene.untilGone();
  }

  #sealNext(certificate: string): Promise<ApiObject> {
    this.#count += 1;
    this.#text = `${this.namespace}/${this.name}#${this.#count}`;
    this.#wanted.add(this.#text);
    return this.#scene.seal({ text: this.#text }, {}, { certificate });
  }
}
