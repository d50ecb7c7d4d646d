import { type SealedSecret, SealedSecretsError, scopeOf, withScope } from '@fuin/crypto-core';
import type { HttpAnswer, TimedAnswer } from '../io/http.ts';
import { type Load, loadOf, RequestSize } from './request-size.ts';
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

const NOT_TRIED = 429;
const CUT = /: (?:connection reset by peer|the connection was closed)$/;
/** Answers that are about the way to the controller, or about its limits, and not about one object. */
const NOT_ABOUT_OBJECTS = [401, 403, 404, 429, 502, 503, 504];

/** An object that the controller will be asked about. */
interface Waiting {
  readonly question: Question;
  readonly object: Asked;
  readonly settle: (answer: ObjectAnswer) => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * Asks a controller about many SealedSecrets: our own with few requests, another one object by object. One
 * request is under way at a time; the next one takes what came to wait meanwhile, from every caller.
 */
export class BulkController {
  readonly #service: ControllerService;
  readonly #size = new RequestSize();
  readonly #waiting: Waiting[] = [];
  #isAsking = false;
  #isBulk: boolean | undefined;

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
    const asking = objects.map(
      (object) =>
        new Promise<ObjectAnswer>((settle, fail) => {
          this.#waiting.push({ question, object, settle, fail });
        }),
    );
    void this.#askWaiting();
    const answers: ObjectAnswer[] = [];
    for (const outcome of await Promise.allSettled(asking)) {
      if (outcome.status === 'fulfilled') answers.push(outcome.value);
      else if (outcome.reason instanceof SealedSecretsError) return { answers, failure: outcome.reason };
      else throw outcome.reason;
    }
    return { answers };
  }

  /** A request that fails is the last one: what waits then would fail in the same way. */
  async #askWaiting(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      try {
        const answers = await this.#askNext(first);
        const answered = this.#waiting.splice(0, answers.length);
        for (const [at, answer] of answers.entries()) answered[at]?.settle(answer);
      } catch (reason) {
        for (const { fail } of this.#waiting.splice(0)) fail(reason);
      }
    }
    this.#isAsking = false;
  }

  /**
   * One request, and the answers about the first objects that wait. There are none where the controller
   * turns out to know no bulk requests.
   */
  async #askNext({ question, object }: Waiting): Promise<readonly ObjectAnswer[]> {
    if (this.#isBulk === false) return [await this.#askOne(question, object)];
    const chunk = this.#waiting.slice(0, this.#size.countOf(loadsOf(question, this.#waiting)));
    const items = chunk.map((each) => withoutTemplate(each.object.sealedSecret));
    const answer = await this.#post(`/v1/bulk/${question}`, JSON.stringify({ items }));
    this.#isBulk ??= answer.status !== 404;
    if (!this.#isBulk) return [];
    const answers = resultsIn(answer, items);
    const tried = items.slice(0, answers.length).reduce((sum, each) => sum + loadOf(each).items, 0);
    this.#size.learn(tried, answer.tookMs);
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
  async #post(path: `/v1/${Question}` | `/v1/bulk/${Question}`, body: string): Promise<TimedAnswer> {
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

/** What the objects add to a request, up to the first one with another question. */
function* loadsOf(asked: Question, waiting: readonly Waiting[]): Generator<Load> {
  for (const { question, object } of waiting) {
    if (question !== asked) return;
    yield loadOf(object.sealedSecret);
  }
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
