// Messages to people: a notice in a channel, or a page that wakes whoever is on call.
import { auth, defineConnector, tool } from '@fibric/sdk';

export default defineConnector({
  name: 'cn-pager',
  summary: 'Notices to a channel and pages to the person on call.',
  version: '1.2.0',
  category: 'notifier',
  publisher: 'fibric',
  auth: auth.apiKey({ header: 'X-Pager-Key', secret: 'PAGER_KEY' }),
  tools: [
    tool({
      name: 'send_notice',
      capability: 'notify.send',
      summary: 'Post a notice to a channel',
      sideEffecting: true,
      idempotent: true,
      input: {
        type: 'object',
        properties: { channel: { type: 'string', pattern: '^#' }, text: { type: 'string', minLength: 1 } },
        required: ['channel', 'text'],
        additionalProperties: false,
      },
      async run({ input, ctx }) {
        const { data } = await ctx.http.post('/notices', input);
        return { notice_id: data.id };
      },
    }),
    tool({
      name: 'page_on_call',
      capability: 'page.send',
      summary: 'Page the person on call for a team',
      sideEffecting: true,
      input: {
        type: 'object',
        properties: {
          team: { type: 'string' },
          severity: { enum: ['high', 'critical'] },
          text: { type: 'string', minLength: 1 },
        },
        required: ['team', 'severity', 'text'],
        additionalProperties: false,
      },
      async run({ input, ctx }) {
        const { data } = await ctx.http.post(`/teams/${input.team}/pages`, input);
        return { page_id: data.id };
      },
    }),
  ],
});
