// Heating and cooling of a building, zone by zone, over its local bridge.
import { auth, defineConnector, tool } from '@fibric/connector-sdk';
import { readings } from './readings';

const zone = { type: 'string', pattern: '^Z-[0-9]+$' };

export default defineConnector({
  id: 'cn-thermo',
  summary: 'Zone temperatures, setbacks and isolation over a building bridge.',
  version: '0.3.1',
  category: 'hardware',
  publisher: 'fibric',
  auth: auth.none(),
  tools: {
    'sensor.read': tool({
      summary: 'The latest reading of a zone, or null when it has no sensor',
      input: { type: 'object', properties: { zone }, required: ['zone'], additionalProperties: false },
      handler: (_ctx, args) => readings[args.zone] ?? null,
    }),
    'zone.setback': tool({
      summary: 'Move the setpoint of a zone by some degrees',
      sideEffecting: true,
      idempotent: true,
      input: {
        type: 'object',
        properties: { zone, degrees: { type: 'number', exclusiveMinimum: 0, maximum: 10 } },
        required: ['zone', 'degrees'],
        additionalProperties: false,
      },
      handler: (ctx, args) => ctx.http.post(`/zones/${args.zone}/setback`, { degrees: args.degrees }),
    }),
    'zone.isolate': tool({
      summary: 'Close the dampers and valves of a zone',
      sideEffecting: true,
      idempotent: true,
      input: {
        type: 'object',
        properties: { zone, reason: { type: 'string', minLength: 8 } },
        required: ['zone', 'reason'],
        additionalProperties: false,
      },
      handler: (ctx, args) => ctx.http.post(`/zones/${args.zone}/isolate`, { reason: args.reason }),
    }),
  },
  events: [{ eventType: 'hvac.zone.fault', kind: 'webhook', topic: 'faults' }],
});
