// What a tenant may take over: a hold can be undone, and a notice is done and raised.
import type { TrustPolicy } from '@fibric/sdk';

export const defaults: TrustPolicy[] = [
  { tool: 'order.hold', decision: 'ALLOW' },
  { tool: 'notify.send', decision: 'ALERT' },
];
