// Refunds what came back, for as much as was paid and no more. How much may go out unseen is the policy's word.
import { defineOperator } from '@fibric/sdk';

const nothing = (reasoning: string) => ({ reasoning, actions: [] });

export default defineOperator({
  name: 'return-desk',
  goal: 'Refund returned orders once the return and the payment agree.',
  requires: ['orders.read', 'orders.refund', 'notify.send'],
  trigger: { on: 'order.returned' },

  async run(ctx) {
    const { order_id, return_id, amount } = ctx.envelope.payload;
    if (typeof order_id !== 'string' || typeof return_id !== 'string') return nothing('the event names no return');
    if (typeof amount !== 'number' || !(amount > 0)) return nothing(`${return_id} claims no amount`);
    const order = await ctx.sense('orders.read', { order_id });
    if (!order) return nothing(`orders.read does not know ${order_id}`);
    if (amount > order.paid) {
      return nothing(`${return_id} claims ${amount}, but ${order.paid} was paid (orders.read)`);
    }
    const { currency } = order;
    return {
      reasoning: `${order_id} came back and ${amount} of ${order.paid} ${currency} paid is due (orders.read)`,
      actions: [
        {
          tool: 'order.refund',
          args: { order_id, amount, currency, reason: `returned as ${return_id}` },
          value: amount,
          entity_key: `order:${order_id}`,
          idempotency_key: `return-desk:${return_id}:refund`,
        },
        {
          tool: 'notify.send',
          args: { channel: '#returns', text: `${return_id}: refund of ${amount} ${currency} proposed for ${order_id}` },
          entity_key: `order:${order_id}`,
          idempotency_key: `return-desk:${return_id}:notify`,
        },
      ],
    };
  },
});
