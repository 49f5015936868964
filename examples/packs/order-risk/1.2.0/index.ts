// What this pack may propose. A proposal is done by the connectors of whoever installs the pack, and by nobody else.
import { defineConnector, none, tool } from '@fibric/connector-sdk';

const proposed = () => tool({ sideEffecting: true, handler: () => {} });

export default defineConnector({
  id: 'op-order-risk',
  version: '1.2.0',
  category: 'ai-operator',
  publisher: 'fibric',
  auth: none(),
  tools: {
    'order.hold': proposed(),
    'notify.send': proposed(),
  },
});
