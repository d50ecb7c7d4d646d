import { join } from 'node:path';
import { fetchNode, hostPlatform, nodeDirectory, platformOf } from '../../../scripts/executable/platforms.ts';

/** The oldest Node that packages claim to run on, as in `engines`. */
export const OLDEST_NODE = '24.7.0';

const { nodePackage, nodeFile } = platformOf(hostPlatform());

/** Where that Node is once it is installed. */
export const oldestNode = join(nodeDirectory(nodePackage, OLDEST_NODE), nodeFile);

/** Installs that Node from npm, unless it is there. */
export async function installOldestNode(): Promise<void> {
  await fetchNode(nodePackage, OLDEST_NODE);
}
