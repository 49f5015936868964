// What sets the operator going, and how it comes to its plan.
import { defineOperator } from '@fibric/sdk';

const nothing = (reasoning: string) => ({ reasoning, actions: [] });

export default defineOperator({
  name: '{{name}}',
  goal: 'Tell the people who can still save an order that it is late.',
  requires: ['notify.send'],
  trigger: { on: 'order.*' },

  // What cannot be verified ends in an empty plan; the reasoner is given what was verified here.
  async run(ctx) {
    const { order_id, days_late } = ctx.envelope.payload;
    if (typeof order_id !== 'string') return nothing('the event names no order');
    if (typeof days_late !== 'number') return nothing(`${order_id}: the event does not say how late it is`);
    return ctx.reason({ order_id, days_late });
  },

  // Answers instead of a model: offline, and the same every time.
  stub({ order_id, days_late }: { order_id: string; days_late: number }) {
    if (days_late <= 0) return nothing(`${order_id} is in time`);
    return {
      reasoning: `${order_id} is ${days_late} days late`,
      actions: [
        {
          tool: 'notify.send',
          args: { channel: '#order-ops', text: `${order_id} is ${days_late} days late` },
          entity_key: `order:${order_id}`,
          idempotency_key: `{{name}}:${order_id}:notify`,
        },
      ],
    };
  },
});
