// Holds orders that will miss the date they were promised for, and tells the people who can still save them.
import { defineOperator } from '@fibric/sdk';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const nothing = (reasoning: string) => ({ reasoning, actions: [] });

export default defineOperator({
  name: 'order-risk',
  goal: 'Hold orders that cannot ship by the date they were promised for, and tell the people who can still save them.',
  requires: ['orders.read', 'orders.hold', 'notify.send'],
  trigger: { on: 'order.*' },

  // What cannot be verified ends in an empty plan.
  async run(ctx) {
    const { event_type, payload } = ctx.envelope;
    const { order_id, promise_date } = payload;
    if (typeof order_id !== 'string') return nothing('the event names no order');
    if (event_type === 'order.returned') return nothing('the order came back: there is nothing left to hold');
    if (typeof promise_date !== 'string' || !DATE.test(promise_date)) {
      return nothing(`${order_id} has no promise date, so there is nothing to measure it against`);
    }
    const order = await ctx.sense('orders.read', { order_id });
    if (!order) return nothing(`orders.read does not know ${order_id}`);
    return ctx.reason({ order_id, promised: promise_date, ships_on: order.ships_on, status: order.status });
  },

  stub({ order_id, promised, ships_on, status }: Record<'order_id' | 'promised' | 'ships_on' | 'status', string>) {
    if (status !== 'open') return nothing(`${order_id} is ${status} (orders.read): it cannot be held`);
    if (ships_on <= promised) return nothing(`${order_id} ships on ${ships_on} (orders.read), in time for ${promised}`);
    const why = `ships on ${ships_on}, promised for ${promised}`;
    const keys = (action: string) => ({
      entity_key: `order:${order_id}`,
      idempotency_key: `order-risk:${order_id}:${action}`,
    });
    const hold = { tool: 'order.hold', args: { order_id, reason: why }, ...keys('hold') };
    const notice = {
      tool: 'notify.send',
      args: { channel: '#order-ops', text: `${order_id} is at risk: ${why}` },
      ...keys('notify'),
    };
    // A day late is a word to the customer's people, not a reason to stop the order.
    const days = (Date.parse(ships_on) - Date.parse(promised)) / 86_400_000;
    if (days < 2) return { reasoning: `${order_id} ${why} (orders.read): a day is for people to judge`, actions: [notice] };
    return { reasoning: `${order_id} ${why} (orders.read): hold it and tell ops`, actions: [hold, notice] };
  },
});
