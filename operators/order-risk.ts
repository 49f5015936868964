// Holds orders that will miss the date they were promised for, and tells the people who can still save them.
import { defineOperator } from '@fibric/sdk';

interface Facts {
  order_id: string;
  promised: string;
  ships_on: string;
  status: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const nothing = (reasoning: string) => ({ reasoning, actions: [] });

export default defineOperator({
  name: 'order-risk',
  goal: 'Hold orders that cannot ship by their promise date, and notify the ops channel.',
  requires: ['orders.read', 'orders.hold', 'notify.send'],
  trigger: { on: 'order.*' },

  // Everything the reasoner is given was verified here; what cannot be verified ends in an empty plan.
  async run(ctx) {
    const { event_type, payload } = ctx.envelope;
    if (event_type === 'order.returned') return nothing('the order came back: there is nothing left to hold');
    const { order_id, promise_date } = payload;
    if (typeof order_id !== 'string') return nothing('the event names no order');
    if (typeof promise_date !== 'string' || !DATE.test(promise_date)) {
      return nothing(`${order_id} has no promise date, so there is nothing to measure it against`);
    }
    const order = await ctx.sense('orders.read', { order_id });
    if (!order) return nothing(`orders.read does not know ${order_id}`);
    const facts: Facts = { order_id, promised: promise_date, ships_on: order.ships_on, status: order.status };
    return ctx.reason(facts);
  },

  // The same judgement without a model: dates in this form compare as text.
  stub({ order_id, promised, ships_on, status }: Facts) {
    if (status !== 'open') return nothing(`${order_id} is ${status} (orders.read): it cannot be held`);
    if (ships_on <= promised) return nothing(`${order_id} ships on ${ships_on} (orders.read), in time for ${promised}`);
    const why = `ships on ${ships_on}, promised for ${promised}`;
    return {
      reasoning: `${order_id} ${why} (orders.read): hold it and tell ops`,
      actions: [
        {
          tool: 'order.hold',
          args: { order_id, reason: why },
          entity_key: `order:${order_id}`,
          idempotency_key: `order-risk:${order_id}:hold`,
        },
        {
          tool: 'notify.send',
          args: { channel: '#order-ops', text: `${order_id} is at risk: ${why}` },
          entity_key: `order:${order_id}`,
          idempotency_key: `order-risk:${order_id}:notify`,
        },
      ],
    };
  },
});
