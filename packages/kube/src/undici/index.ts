/**
 * The parts of undici that every run needs. Its own index also loads fetch, WebSockets, caches and mocks:
 * a hundred modules and 4 MiB of memory for nothing.
 */
import type { Dispatcher } from 'undici';
import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import AnyDispatcher from 'undici/lib/dispatcher/dispatcher.js';

Object.assign(AnyDispatcher.prototype, api); // as its index does

export type { Dispatcher };
export { Agent, buildConnector };

/** What a run behind an HTTP proxy needs besides. */
export async function loadProxyAgent() {
  const { default: ProxyAgent } = await import('undici/lib/dispatcher/proxy-agent.js');
  return ProxyAgent;
}
