// What the desk's tools take, as JSON Schema.

const orderId = { type: 'string', pattern: '^SO-[0-9]+$', description: 'The order, as in SO-10884' };
const reason = { type: 'string', minLength: 8, description: 'Shown to whoever opens the order' };

export const holdInput = {
  type: 'object',
  properties: { order_id: orderId, reason },
  required: ['order_id', 'reason'],
  additionalProperties: false,
};

export const refundInput = {
  type: 'object',
  properties: {
    order_id: orderId,
    amount: { type: 'number', exclusiveMinimum: 0 },
    currency: { type: 'string', minLength: 3, maxLength: 3 },
    reason,
  },
  required: ['order_id', 'amount', 'currency', 'reason'],
  additionalProperties: false,
};
