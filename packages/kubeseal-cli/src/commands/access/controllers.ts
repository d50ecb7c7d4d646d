import { BulkController } from '../../controller/bulk.ts';
import type { ControllerService } from '../../controller/service.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CERTIFICATE_FLAGS } from '../../invocation/flags/flags.ts';
import { sealingOf } from '../../invocation/invocation.ts';
import { openPinnedController } from './pinned-controller.ts';

/** Which controller is asked about each file. */
export interface Controllers {
  /** @throws the errors of openPinnedController; each controller is opened once a run */
  controllerFor(file: string): Promise<BulkController>;
  close(): Promise<void>;
}

type Given = Pick<CommandLine<typeof CERTIFICATE_FLAGS>, 'flags' | 'changed'>;

/** The controller that flags and environment choose, for every file. */
export function controllersOf(given: Given, world: Pick<CommandWorld, 'io' | 'warn'>): Controllers {
  const sealing = sealingOf(given, world);
  let opening: Promise<ControllerService> | undefined;
  let asking: Promise<BulkController> | undefined;
  return {
    controllerFor: () => {
      opening ??= openPinnedController(sealing);
      asking ??= opening.then((service) => new BulkController(service));
      return asking;
    },
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}
