// Reads what customers write and hands each conversation to the people who can answer it.
import { defineOperator } from '@fibric/sdk';

interface Message {
  conversation_id: string;
  from: string;
  text: string;
}

const QUEUES: [RegExp, 'escalations' | 'billing' | 'delivery'][] = [
  [/lawyer|chargeback|complaint|unacceptable/i, 'escalations'],
  [/invoice|charged|refund|payment/i, 'billing'],
  [/where|late|deliver|届|parcel/i, 'delivery'],
];

export default defineOperator({
  name: 'desk-triage',
  goal: 'Hand every customer message to the right queue, and answer the plain ones.',
  requires: ['conversation.assign', 'conversation.reply', 'page.send'],
  trigger: { on: 'support.*' },

  async run(ctx) {
    const { conversation_id, from, text } = ctx.envelope.payload;
    if (typeof text !== 'string' || text.trim() === '') {
      return { reasoning: 'the message has no text to judge', actions: [] };
    }
    return ctx.reason({ conversation_id, from, text });
  },

  stub({ conversation_id, from, text }: Message) {
    const queue = QUEUES.find(([words]) => words.test(text))?.[1];
    if (!queue) return { reasoning: 'no queue fits with certainty: leave it to a person', actions: [] };
    const keys = (verb: string) => ({
      entity_key: `conversation:${conversation_id}`,
      idempotency_key: `desk-triage:${conversation_id}:${verb}`,
    });
    const assign = { tool: 'conversation.assign', args: { conversation_id, queue }, ...keys('assign') };
    const second =
      queue === 'escalations'
        ? {
            tool: 'page.send',
            args: { team: 'support-leads', severity: 'high', text: `${from} may escalate: ${conversation_id}` },
            ...keys('page'),
          }
        : {
            tool: 'conversation.reply',
            args: { conversation_id, text: `Thank you, ${from}. Our ${queue} team has your message.` },
            ...keys('reply'),
          };
    return { reasoning: `the words point to ${queue}`, actions: [assign, second] };
  },
});
