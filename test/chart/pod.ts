import { type Controller, startController } from '../support/processes/controller-process.ts';
import { type Container, template, type Values } from '../support/tools/helm.ts';
import type { Chart } from './chart.ts';

/** A Pod of a release. */
export interface PodOptions {
  /** Of the release. */
  readonly namespace: string;
  readonly values: Values;
  readonly name: string;
  /** Instead of what the chart says. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts the real controller like the chart's Pod: with its command line, environment and service account.
 */
export async function startPod(chart: Chart, pod: PodOptions): Promise<Controller> {
  const { namespace, values, name, env = {} } = pod;
  const { container, deployment } = await template(values, { namespace });
  return startController({
    cluster: chart.world.cluster,
    namespace,
    serviceAccount: { namespace, name: String(deployment.spec.template.spec['serviceAccountName']) },
    args: argsOf(container.args),
    env: { ...envOf(container), POD_NAME: name, ...env },
  });
}

/** The command line of the Pod, but with addresses of this machine. */
const argsOf = (args: readonly string[]) =>
  args.filter((arg, index) => !/^--listen-/.test(arg) && !/^--listen-/.test(args[index - 1] ?? ''));

/** The environment of the Pod, as far as it does not come from the node. */
function envOf({ env }: Container): Record<string, string> {
  const entries = env as readonly { readonly name: string; readonly value?: string }[];
  return Object.fromEntries(
    entries.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}
