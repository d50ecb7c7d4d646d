import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UserInfo } from '../access/auth.ts';
import { forbiddenError } from '../access/rbac.ts';
import { type RequestInfo, readRequestInfo } from '../encoding/request.ts';
import type { AppliedWrite, RequestFacts, RequestFault } from '../faults/faults.ts';
import type { LoggedRequest, RequestLog } from '../faults/request-log.ts';
import { ApiError, errors } from '../objects/status-errors.ts';
import type { WriteRecord } from '../storage/storage.ts';
import type { Answer } from './resource-handler.ts';
import { type RouterContext, route } from './router.ts';

/** What the request pipeline needs. */
export interface HandlerContext extends RouterContext {
  readonly log: RequestLog;
}

type Outcome = Answer | 'answered' | 'reset' | 'hang';

function factsOf(info: RequestInfo, user: UserInfo): RequestFacts {
  const { method, verb, resource, subresource, namespace, name, path } = info;
  return { method, verb, resource, subresource, namespace, name, user: user.name, path };
}

function answerOf(error: ApiError): Answer {
  return { code: error.status.code, json: JSON.stringify(error.status), headers: error.headers };
}

const FAULT_REASONS: Record<number, string> = {
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
};

function faultAnswer({ code, retryAfterSeconds }: Extract<RequestFault, { action: 'answer' }>): Answer {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) };
  const reason = FAULT_REASONS[code] ?? 'InternalError';
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return answerOf(new ApiError({ code, reason, message: `injected fault: ${reason}`, details }, headers));
}

/**
 * Makes the listener of the HTTPS server: log, faults, authentication, authorization, routing, crash points.
 */
export function createHandler(
  context: HandlerContext,
): (message: IncomingMessage, response: ServerResponse) => void {
  const writesOfRequest = new AsyncLocalStorage<WriteRecord[]>();
  context.registry.store.subscribe((_collection, record) => writesOfRequest.getStore()?.push(record));

  return (message, response) => {
    const entry = logRequest(message, context.log);
    const writes: WriteRecord[] = [];
    writesOfRequest
      .run(writes, () => answer(message, response, { context, entry, writes }))
      .catch((error: unknown) => internalError(error))
      .then((outcome) => send(outcome, message, response, entry))
      .catch(() => response.destroy());
  };
}

function writeOf({ type, revision, current }: WriteRecord, request: RequestFacts): AppliedWrite {
  const { kind, metadata } = current.object;
  return { type, kind, namespace: metadata.namespace ?? '', name: metadata.name, revision, request };
}

function logRequest(message: IncomingMessage, log: RequestLog): LoggedRequest {
  const info = readRequestInfo(message);
  const facts = factsOf(info, { name: '', groups: [] });
  const entry = { ...facts, code: 0, url: message.url ?? '', userAgent: message.headers['user-agent'] ?? '' };
  log.add(entry);
  return entry;
}

interface Pipeline {
  readonly context: HandlerContext;
  readonly entry: LoggedRequest;
  /** What this request wrote; garbage collection is not among it. */
  readonly writes: WriteRecord[];
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  pipeline: Pipeline,
): Promise<Outcome> {
  const { context, entry, writes } = pipeline;
  const info = readRequestInfo(message);
  try {
    if (context.faults.isHalfOpen) return 'hang';
    const user = context.tokens.authenticate(message);
    const facts = factsOf(info, user);
    Object.assign(entry, { user: user.name });
    const fault = context.faults.takeRequestFault(facts);
    const early = await sufferBefore(fault);
    if (early) return early;
    if (!context.authorizer.isAllowed(user, info)) throw forbiddenError(user, info);
    const outcome = (await route({ info, user, message, response }, context)) ?? 'answered';
    if (outcome === 'answered') entry.code = response.statusCode;
    for (const record of writes.splice(0)) await context.faults.announceWrite(writeOf(record, facts));
    return outcome === 'answered' ? outcome : (sufferAfter(fault) ?? outcome);
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error);
    return internalError(error);
  }
}

async function sufferBefore(fault: RequestFault | undefined): Promise<Outcome | undefined> {
  if (!fault) return undefined;
  if (fault.action === 'answer') return faultAnswer(fault);
  if (fault.action === 'delay') {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    return undefined;
  }
  if (fault.action === 'hold') {
    await fault.until;
    return undefined;
  }
  if (fault.when === 'after') return undefined;
  return fault.action === 'hang' ? 'hang' : 'reset';
}

function sufferAfter(fault: RequestFault | undefined): Outcome | undefined {
  if (!fault || !('when' in fault) || fault.when !== 'after') return undefined;
  return fault.action === 'hang' ? 'hang' : 'reset';
}

function internalError(error: unknown): Answer {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`embedded API server: ${text}\n`);
  return answerOf(errors.internal(error instanceof Error ? error.message : 'unknown'));
}

function send(
  outcome: Outcome,
  message: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
): void {
  if (outcome === 'answered' || outcome === 'hang') return;
  if (outcome === 'reset') {
    message.socket.destroy();
    return;
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  entry.code = outcome.code;
  const body = Buffer.from(outcome.json);
  response.writeHead(outcome.code, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
    ...outcome.headers,
    'Content-Length': body.length,
  });
  response.end(body);
}
