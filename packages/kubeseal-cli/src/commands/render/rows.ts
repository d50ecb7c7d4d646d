import { type CommandTable, defineCommand, NO_ARGUMENTS } from '../../invocation/command.ts';
import { KRM_FUNCTION_FLAGS, POST_RENDER_FLAGS } from '../../invocation/flags/command-flags.ts';

/** The commands that seal what other programs render. */
export const RENDER_COMMANDS: CommandTable = {
  'krm-function': defineCommand({
    summary:
      'Seals the Secrets of a ResourceList and looks whether its SealedSecrets open under their names: a KRM function for Kustomize and others, on stdin and stdout. Its functionConfig is a SealedSecretTransformer. Exit code 3 means that a Secret is in the clear, or that a SealedSecret was renamed.',
    group: 'Seal',
    arguments: NO_ARGUMENTS,
    flags: KRM_FUNCTION_FLAGS,
    examples: [
      {
        what: 'Let Kustomize run it, where a transformer names it',
        line: 'kustomize build --enable-alpha-plugins --enable-exec overlays/production',
      },
      {
        what: 'Seal a ResourceList without a functionConfig, to see what it does',
        line: 'kubeseal krm-function -n shop --cert cert.pem < resource-list.yaml',
      },
    ],
    run: async (given, world) => (await import('./krm-function.ts')).krmFunction(given, world),
  }),
  'post-render': defineCommand({
    summary:
      'Seals the Secrets in a stream of manifests and prints all other documents byte for byte: a post-renderer for Helm. The result is checked; if anything is in the clear, nothing is printed and the exit code is 3.',
    group: 'Seal',
    arguments: NO_ARGUMENTS,
    flags: POST_RENDER_FLAGS,
    examples: [
      {
        what: 'Render a chart for Git, without a Secret in the clear',
        line: 'helm template shop ./chart -n shop | kubeseal post-render -n shop --cert cert.pem > shop.yaml',
      },
      {
        what: 'Let Helm 3 refuse a chart that makes Secrets',
        line: 'helm upgrade shop ./chart --post-renderer kubeseal --post-renderer-args post-render --post-renderer-args --refuse',
      },
    ],
    run: async (given, world) => (await import('./post-render.ts')).postRender(given, world),
  }),
};
