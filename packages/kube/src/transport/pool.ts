import type { Dispatcher } from 'undici';
import { type AgentOptions, createAgent, type Route } from './agent.ts';

/** One pool of connections, as it is when a request is sent. */
export type Agent = Promise<Dispatcher>;

/** The connections of a process to one API server; none is opened before the first request. */
export class Pool {
  readonly #route: Route;
  readonly #options: AgentOptions;
  readonly #retired = new Set<Agent>();
  #agent: Agent | undefined;

  constructor(route: Route, options: AgentOptions) {
    this.#route = route;
    this.#options = options;
  }

  get agent(): Agent {
    this.#agent ??= createAgent(this.#route, this.#options);
    return this.#agent;
  }

  /**
   * Sends nothing more over the connections of an agent on which a request got no answer. They may all be
   * dead without a sign, as after a load balancer lost its state, and each would cost another request. What
   * is under way goes on.
   */
  retire(agent: Agent): void {
    if (agent !== this.#agent) return;
    this.#agent = undefined;
    this.#retired.add(agent);
    const forget = () => this.#retired.delete(agent);
    agent.then((each) => each.close()).then(forget, forget);
  }

  /** Breaks every connection. */
  async close(): Promise<void> {
    const agents = [...this.#retired, ...(this.#agent ? [this.#agent] : [])];
    await Promise.all(agents.map((agent) => agent.then((each) => each.destroy()).catch(() => undefined)));
  }
}
