// The order book: what is known of each order, read in process and without a connection.
import { auth, defineConnector, tool } from '@fibric/sdk';
import { orders } from './orders';

export default defineConnector({
  name: 'cn-orderbook',
  summary: 'Order states and shipping dates from a local book.',
  version: '1.0.0',
  category: 'commerce',
  publisher: 'fibric',
  auth: auth.none(),
  tools: [
    tool({
      name: 'find_order',
      capability: 'order.read',
      summary: 'Find one order, or null when the book does not have it',
      input: {
        type: 'object',
        properties: { order_id: { type: 'string' } },
        required: ['order_id'],
        additionalProperties: false,
      },
      async run({ input }) {
        return orders.find((order) => order.order_id === input.order_id) ?? null;
      },
    }),
  ],
});
