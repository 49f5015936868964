// Brightdesk, the shop's order desk: where orders are held and refunded.
import { auth, defineConnector, tool } from '@fibric/connector-sdk';
import { holdInput, refundInput } from './inputs';

export default defineConnector({
  id: 'cn-brightdesk',
  summary: 'Brightdesk order desk: holds and refunds.',
  version: '1.0.0',
  category: 'commerce',
  publisher: 'fibric',
  homepage: 'https://brightdesk.example/docs',
  auth: auth.bearer({ secret: 'BRIGHTDESK_TOKEN' }),
  tools: {
    'order.hold': tool({
      summary: 'Hold one order so that it cannot ship',
      sideEffecting: true,
      idempotent: true,
      input: holdInput,
      async handler(ctx, args) {
        const { data } = await ctx.http.post(`/orders/${args.order_id}/hold`, { reason: args.reason });
        return { order_id: args.order_id, held: true, at: data.held_at };
      },
    }),
    // Not idempotent: Brightdesk pays out again when it is asked again, so the key stays claimed if a call fails.
    'order.refund': tool({
      summary: 'Refund one returned order to the way it was paid',
      sideEffecting: true,
      input: refundInput,
      async handler(ctx, args) {
        const { data } = await ctx.http.post(`/orders/${args.order_id}/refunds`, args);
        return { order_id: args.order_id, refund_id: data.refund_id };
      },
    }),
  },
  events: [
    { eventType: 'order.created', kind: 'webhook', topic: 'orders' },
    { eventType: 'order.updated', kind: 'webhook', topic: 'orders-updated' },
    { eventType: 'order.returned', kind: 'poll', topic: 'returns' },
  ],
});
