import { BulkController } from '../../controller/bulk.ts';
import type { ControllerService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { openPinnedController } from './pinned-controller.ts';
import type { Sealer } from './sealer.ts';

/** Which controller is asked about each file. */
export interface Controllers {
  /** @throws the errors of openPinnedController; each controller is opened once a run */
  controllerFor(file: string): Promise<BulkController>;
  close(): Promise<void>;
}

/** The controller of the cluster that each file is sealed for. */
export function controllersOf(sealer: Pick<Sealer, 'sealingFor'>): Controllers {
  const services: Promise<ControllerService>[] = [];
  const controllers = new Map<Sealing, Promise<BulkController>>();
  const open = (sealing: Sealing) => {
    const service = openPinnedController(sealing);
    services.push(service);
    return service.then((opened) => new BulkController(opened));
  };
  return {
    controllerFor: async (file) => {
      const sealing = await sealer.sealingFor(file);
      const controller = controllers.get(sealing) ?? open(sealing);
      controllers.set(sealing, controller);
      return controller;
    },
    close: async () => {
      for (const service of await Promise.allSettled(services))
        if (service.status === 'fulfilled') await service.value.close();
    },
  };
}
