import type { RenderTemplates } from '@fuin/crypto-core';
import type { Renderer } from '@fuin/go-template';

/** The template engine, loaded when the first template needs it. */
export interface TemplateEngine {
  /** Renders for one namespace; one namespace never takes all threads. */
  forNamespace(namespace: string): RenderTemplates;
  close(): Promise<void>;
}

const WORKERS = 2;

/** Makes the engine; loads and starts nothing. */
export function createTemplateEngine(): TemplateEngine {
  let loading: Promise<Renderer> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    forNamespace: (tenant) => async (request) => (await loaded()).render(request, { tenant }),
    close: async () => {
      await loading?.then((renderer) => renderer.close());
    },
  };
}

async function load(): Promise<Renderer> {
  const { createRenderer } = await import('@fuin/go-template');
  return createRenderer({ workers: WORKERS });
}
