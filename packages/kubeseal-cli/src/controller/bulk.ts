import { type SealedSecret, SealedSecretsError, scopeOf, withScope } from '@fuin/crypto-core';
import type { HttpAnswer } from '../io/http.ts';
import { type ControllerService, codeOfAnswer, describeAnswer } from './service.ts';

/** What a controller is asked about SealedSecrets. */
type Question = 'verify' | 'rotate';

/** A SealedSecret, and its whole object for a controller that knows no bulk requests. */
interface Asked {
  readonly sealedSecret: SealedSecret;
  readonly document: { readonly value: Readonly<Record<string, unknown>> };
}

/** The answer about one object: the status of `/v1/verify` or `/v1/rotate`, and what rotate made of it. */
export interface ObjectAnswer {
  readonly status: number;
  readonly sealedSecret?: unknown;
  /** What the controller got of the object, with which its answer must agree. */
  readonly sent: SealedSecret;
}

/** What a controller said about several objects. */
export interface Answers {
  readonly answers: readonly ObjectAnswer[];
  /** ERR_API_UNAVAILABLE or ERR_API_REJECTED: it could not be asked about the other objects. */
  readonly failure?: SealedSecretsError;
}

/**
 * Of one request. With RSA-4096 the controller needs less than half a second, so the next request need not
 * wait; it accepts a little more than twice as much.
 */
const MAX_OBJECTS = 512;
const MAX_ITEMS = 512;
const MAX_CHARACTERS = 1_500_000;
const NOT_TRIED = 429;
const CUT = /: (?:connection reset by peer|the connection was closed)$/;
/** Answers that are about the way to the controller, or about its limits, and not about one object. */
const NOT_ABOUT_OBJECTS = [401, 403, 404, 429, 502, 503, 504];

/**
 * Asks a controller about many SealedSecrets: our own with few requests, another one object by object. One
 * request is under way at a time.
 */
export class BulkController {
  readonly #service: ControllerService;
  #isBulk: boolean | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(service: ControllerService) {
    this.#service = service;
  }

  /** Whether it leaves items as they are that the newest key sealed; undefined before it was asked. */
  get leavesCurrentItems(): boolean | undefined {
    return this.#isBulk;
  }

  /**
   * The answers about the objects, in their order, up to the first request that failed, and why that did.
   */
  async ask(question: Question, objects: readonly Asked[]): Promise<Answers> {
    const answers: ObjectAnswer[] = [];
    try {
      for (const chunk of chunksOf(objects)) answers.push(...(await this.#inTurn(question, chunk)));
      return { answers };
    } catch (failure) {
      if (!(failure instanceof SealedSecretsError)) throw failure;
      return { answers, failure };
    }
  }

  #inTurn(question: Question, chunk: readonly Asked[]): Promise<ObjectAnswer[]> {
    const asking = this.#last.then(() => this.#askChunk(question, chunk));
    this.#last = asking.catch(() => undefined);
    return asking;
  }

  async #askChunk(question: Question, chunk: readonly Asked[]): Promise<ObjectAnswer[]> {
    let left = chunk;
    const answers: ObjectAnswer[] = [];
    while (this.#isBulk !== false && left.length > 0) {
      const items = left.map(({ sealedSecret }) => withoutTemplate(sealedSecret));
      const answer = await this.#post(`/v1/bulk/${question}`, JSON.stringify({ items }));
      if (answer.status === 404 && this.#isBulk === undefined) this.#isBulk = false;
      else {
        this.#isBulk = true;
        const found = resultsIn(answer, items);
        answers.push(...found);
        left = left.slice(found.length);
      }
    }
    for (const each of left) answers.push(await this.#askOne(question, each));
    return answers;
  }

  async #askOne(question: Question, { sealedSecret, document }: Asked): Promise<ObjectAnswer> {
    const body = JSON.stringify(question === 'rotate' ? document.value : sealedSecret);
    const answer = await this.#post(`/v1/${question}`, body);
    const { status } = answer;
    if (NOT_ABOUT_OBJECTS.includes(status)) throw unasked(answer);
    return question === 'rotate' && status < 300
      ? { status, sealedSecret: jsonIn(answer), sent: sealedSecret }
      : { status, sent: sealedSecret };
  }

  /**
   * Sends a request a second time if its connection was cut, as servers do with idle ones: the controller
   * stores nothing, so nothing is done twice.
   */
  async #post(path: `/v1/${Question}` | `/v1/bulk/${Question}`, body: string): Promise<HttpAnswer> {
    const headers = { 'content-type': 'application/json' };
    const send = () => this.#service.send(path, { method: 'POST', headers, body });
    return send().catch((error: unknown) => {
      if (error instanceof SealedSecretsError && CUT.test(error.message)) return send();
      throw error;
    });
  }
}

/** What the controller needs of an object: no template, since it renders none. */
function withoutTemplate({ apiVersion, kind, metadata, spec }: SealedSecret): SealedSecret {
  const { name, namespace, annotations } = metadata;
  const { data, encryptedData } = spec;
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      annotations: withScope({}, scopeOf(annotations)),
    },
    spec: { ...(data === undefined ? {} : { data }), encryptedData },
  };
}

/** Objects for one request each; one that is larger than a request should be goes alone. */
function chunksOf(objects: readonly Asked[]): Asked[][] {
  const chunks: Asked[][] = [];
  let chunk: Asked[] = [];
  let [items, characters] = [0, 0];
  for (const object of objects) {
    const values = Object.values(object.sealedSecret.spec.encryptedData);
    const size = values.reduce((sum, value) => sum + value.length, 0);
    const isFull =
      chunk.length === MAX_OBJECTS || items + values.length > MAX_ITEMS || characters + size > MAX_CHARACTERS;
    if (chunk.length > 0 && isFull) {
      chunks.push(chunk);
      chunk = [];
      [items, characters] = [0, 0];
    }
    chunk.push(object);
    items += values.length;
    characters += size;
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
}

/**
 * The answers in a bulk answer, up to the first object that was not tried. The first one is always tried.
 *
 * @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
function resultsIn(answer: HttpAnswer, asked: readonly SealedSecret[]): ObjectAnswer[] {
  const [only, ...more] = asked;
  if (answer.status === 413 && only && more.length === 0) return [{ status: 413, sent: only }];
  if (answer.status !== 200) throw unasked(answer);
  const { results } = Object(jsonIn(answer)) as { readonly results?: unknown };
  if (!Array.isArray(results) || results.length !== asked.length)
    throw rejected('the controller did not answer about each SealedSecret');
  const answers = asked.map((sent, at): ObjectAnswer => {
    const { status, sealedSecret } = Object(results[at]) as Record<string, unknown>;
    if (typeof status !== 'number') throw rejected('the controller did not answer about each SealedSecret');
    return { status, sealedSecret, sent };
  });
  const untried = answers.findIndex(({ status }) => status === NOT_TRIED);
  if (untried === 0) throw rejected('the controller tried no SealedSecret');
  return untried < 0 ? answers : answers.slice(0, untried);
}

function jsonIn({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw rejected('the answer of the controller is not JSON');
  }
}

function unasked(answer: HttpAnswer): SealedSecretsError {
  return new SealedSecretsError(codeOfAnswer(answer), `cannot ask the controller: ${describeAnswer(answer)}`);
}

function rejected(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_API_REJECTED', message);
}
