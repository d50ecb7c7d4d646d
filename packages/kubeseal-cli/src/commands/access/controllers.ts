import { SealedSecretsError } from '@fuin/crypto-core';
import { BulkController } from '../../controller/bulk.ts';
import type { ControllerService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { openPinnedController } from './pinned-controller.ts';
import type { Sealer } from './sealer.ts';

/** Which controller is asked about each file. */
export interface Controllers {
  /** @throws the errors of Sealer.sealingFor and openPinnedController; each is opened once a run */
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

/** Objects by the controllers of their files. */
export interface Grouped<T> {
  readonly byController: ReadonlyMap<BulkController, readonly T[]>;
  /** Why nobody can be asked about the others. */
  readonly unasked: ReadonlyMap<T, SealedSecretsError>;
}

/** Groups objects, so that a cluster that is away keeps no other from being asked. @throws if all are away */
export async function groupedByController<T extends { readonly file: string }>(
  objects: readonly T[],
  controllers: Controllers,
): Promise<Grouped<T>> {
  const byController = new Map<BulkController, T[]>();
  const unasked = new Map<T, SealedSecretsError>();
  for (const object of objects) {
    try {
      const controller = await controllers.controllerFor(object.file);
      const own = byController.get(controller);
      if (own) own.push(object);
      else byController.set(controller, [object]);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      unasked.set(object, error);
    }
  }
  const [first] = unasked.values();
  if (first && byController.size === 0) throw first;
  return { byController, unasked };
}
