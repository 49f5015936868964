// What whoever installs the pack may take over. Nothing here is in force by itself.
import type { TrustPolicy } from '@fibric/sdk';

export const defaults: TrustPolicy[] = [
  { tool: 'notify.send', decision: 'ALERT' }, // act, and raise it for a person
];
