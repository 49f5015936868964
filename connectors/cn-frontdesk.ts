// Conversations with customers: who takes one on, and what is said in it.
import { auth, defineConnector, tool } from '@fibric/sdk';

const conversation = { type: 'string', minLength: 1 };

export default defineConnector({
  name: 'cn-frontdesk',
  summary: 'Assigns and answers customer conversations.',
  version: '2.1.0',
  category: 'support',
  publisher: 'fibric',
  auth: auth.oauth2({
    authorizeUrl: 'https://frontdesk.example/oauth/authorize',
    tokenUrl: 'https://frontdesk.example/oauth/token',
    scopes: ['conversations.write'],
  }),
  tools: [
    tool({
      name: 'assign',
      capability: 'conversation.assign',
      summary: 'Hand a conversation to a queue',
      sideEffecting: true,
      idempotent: true,
      input: {
        type: 'object',
        properties: { conversation_id: conversation, queue: { enum: ['billing', 'delivery', 'escalations'] } },
        required: ['conversation_id', 'queue'],
        additionalProperties: false,
      },
      async run({ input, ctx }) {
        return (await ctx.http.put(`/conversations/${input.conversation_id}/queue`, { queue: input.queue })).data;
      },
    }),
    tool({
      name: 'reply',
      capability: 'conversation.reply',
      summary: 'Answer in a conversation, in the name of the shop',
      sideEffecting: true,
      input: {
        type: 'object',
        properties: { conversation_id: conversation, text: { type: 'string', minLength: 1, maxLength: 2000 } },
        required: ['conversation_id', 'text'],
        additionalProperties: false,
      },
      async run({ input, ctx }) {
        return (await ctx.http.post(`/conversations/${input.conversation_id}/messages`, { text: input.text })).data;
      },
    }),
  ],
});
