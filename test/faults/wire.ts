import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestCluster } from '../support/api/types.ts';

/**
 * A wire between the controller and its API server that can fall silent: it swallows what comes in
 * at either end, and no end ever learns that the other is gone. A load balancer that lost its state and a
 * machine without power do the same.
 */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;
  /** Connections that were cut in this way stay dead. */
  readonly #dead = new Set<Socket>();
  #isCut = false;
  /** How many came so far. */
  connections = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((near) => this.#join(near));
  }

  /** @param target base URL of the server at the far end */
  static async to(target: string): Promise<Wire> {
    const wire = new Wire(new URL(target));
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  /** Base URL of the near end. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Silences every connection there is, for good; those that come later work. */
  silence(): void {
    for (const socket of this.#sockets) this.#dead.add(socket);
  }

  /** Silences every connection, those that come later too, until `mend`. */
  cut(): void {
    this.#isCut = true;
    this.silence();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket): void {
    this.connections += 1;
    const far = connect(Number(this.#target.port), this.#target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      if (this.#isCut) this.#dead.add(from);
      from.setNoDelay(true);
      from.on('data', (bytes) => this.#dead.has(from) || to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => this.#drop(from, to));
    }
  }

  /** An end that hangs up is heard by the other only over a wire that works. */
  #drop(from: Socket, to: Socket): void {
    const isHeard = !this.#dead.has(from);
    this.#sockets.delete(from);
    this.#dead.delete(from);
    if (isHeard) to.destroy();
  }
}

/** The cluster, whose kubeconfigs lead over a wire. */
export function over<Cluster extends TestCluster>(wire: Wire, cluster: Cluster): Cluster {
  const kubeconfigFor: TestCluster['kubeconfigFor'] = async (account) => {
    const path = await cluster.kubeconfigFor(account);
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(cluster.server, wire.url));
    return path;
  };
  return { ...cluster, kubeconfigFor };
}
