// Requests and answers over HTTPS: connections, proxies, refusals as errors.
export { createAgent, type Route, routeTo } from './agent.ts';
export { ApiFailure, apiError, apiFailureOf } from './api-failure.ts';
export { failureReason, UNKNOWN_AUTHORITY } from './failure-reason.ts';
