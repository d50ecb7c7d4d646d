import type { RenderTemplates } from '@fuin/crypto-core';

/** The template engine, loaded when the first template needs it. */
export interface TemplateEngine {
  /** Renders for one namespace; one namespace never takes all threads. */
  forNamespace(namespace: string): RenderTemplates;
  close(): Promise<void>;
}

const WORKERS = 2;

/** Makes the engine; loads and starts nothing. */
export function createTemplateEngine(): TemplateEngine {
  let loading: ReturnType<typeof load> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    forNamespace: (tenant) => async (request) => {
      const { renderer, toFailures } = await loaded();
      return renderer.render(request, { tenant }).catch((error: unknown) => {
        throw toFailures(error);
      });
    },
    close: async () => {
      await loading?.then(({ renderer }) => renderer.close());
    },
  };
}

async function load() {
  const { createRenderer, describeFailure, TemplateError } = await import('@fuin/go-template');
  /** In the form that crypto-core reports per item; its texts come from a closed vocabulary. */
  const toFailures = (error: unknown): unknown => {
    if (!(error instanceof TemplateError)) return error;
    return {
      failures: error.failures.map((each) => ({ template: each.template, message: describeFailure(each) })),
    };
  };
  return { renderer: createRenderer({ workers: WORKERS }), toFailures };
}
