// What this pack may propose. A proposal is done by the connectors of whoever installs the pack, and by nobody else.
import { defineConnector, none, tool } from '@fibric/connector-sdk';

export default defineConnector({
  id: 'op-{{name}}',
  version: '0.1.0',
  category: 'ai-operator',
  publisher: 'you',
  auth: none(),
  tools: {
    'notify.send': tool({ sideEffecting: true, handler: () => {} }),
  },
});
