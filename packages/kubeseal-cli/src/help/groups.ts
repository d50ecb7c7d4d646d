import type { FlagTable } from '@fuin/flags/parsing';
import type { CommandGroup } from '../invocation/command.ts';
import {
  CHANGE_FLAGS,
  CHECK_FLAGS,
  CLUSTER_FLAGS,
  GENERAL_FLAGS,
  OPEN_FLAGS,
  SEAL_FLAGS,
} from '../invocation/flags/flags.ts';
import { KLOG_FLAGS } from '../invocation/flags/klog-flags.ts';

/** Flags that help and documentation show under one heading. */
export interface FlagGroup {
  readonly title: CommandGroup | 'Compatibility';
  readonly flags: FlagTable;
}

/** Every flag of upstream's command line, in the order in which help shows them. */
export const FLAG_GROUPS: readonly FlagGroup[] = [
  { title: 'Seal', flags: SEAL_FLAGS },
  { title: 'Change', flags: CHANGE_FLAGS },
  { title: 'Check', flags: CHECK_FLAGS },
  { title: 'Open with keys', flags: OPEN_FLAGS },
  { title: 'Keys', flags: {} },
  { title: 'Cluster access', flags: CLUSTER_FLAGS },
  { title: 'General', flags: GENERAL_FLAGS },
  { title: 'Compatibility', flags: KLOG_FLAGS },
];
