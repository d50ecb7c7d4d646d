// Requests and answers over HTTPS: connections, proxies, refusals as errors.
export { ApiFailure, apiError, apiFailureOf } from './api-failure.ts';
export { createDispatcher } from './dispatcher.ts';
export { parseProxyUrl, proxyFor } from './proxy.ts';
