import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { EPOCH_S } from '../archive.ts';
import type { Component } from './components.ts';

/** What a bill of materials is about. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly type: 'application' | 'container';
  /** `os-arch`. */
  readonly platform: string;
}

/** A software bill of materials: CycloneDX 1.6 in JSON, the same text for the same components. */
export function formatSbom(subject: Subject, components: readonly Component[]): string {
  const bom = new Models.Bom();
  const { name, version } = subject;
  const about = new Models.Component(
    subject.type === 'container' ? Enums.ComponentType.Container : Enums.ComponentType.Application,
    name,
    { version, bomRef: name, licenses: licensed('Apache-2.0') },
  );
  about.properties.add(new Models.Property('fuin:platform', subject.platform));
  bom.metadata.component = about;
  bom.metadata.timestamp = new Date(EPOCH_S * 1_000);
  for (const component of components) {
    const model = modelOf(component);
    bom.components.add(model);
    about.dependencies.add(model.bomRef);
  }
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  const text = new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 });
  return `${text}\n`;
}

function modelOf({ name, version, license, purl, parts = {} }: Component): Models.Component {
  const licenses = licensed(license);
  const model = new Models.Component(typeOf(name), name, { version, purl, licenses, bomRef: purl });
  for (const [part, of] of Object.entries(parts))
    model.components.add(
      new Models.Component(Enums.ComponentType.Library, part, { version: of, bomRef: `${purl}#${part}` }),
    );
  return model;
}

function licensed(expression: string): Models.LicenseRepository {
  return new Models.LicenseRepository([new Models.LicenseExpression(expression)]);
}

const typeOf = (name: string) =>
  name === 'node' ? Enums.ComponentType.Platform : Enums.ComponentType.Library;
