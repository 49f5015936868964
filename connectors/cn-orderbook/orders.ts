// A few orders, as a warehouse would report them.

export interface Order {
  order_id: string;
  customer: string;
  status: 'open' | 'held' | 'shipped' | 'returned';
  ships_on: string;
  paid: number;
  currency: string;
}

export const orders: Order[] = [
  { order_id: 'SO-10884', customer: 'Maren Okafor', status: 'open', ships_on: '2026-07-09', paid: 412.5, currency: 'EUR' },
  { order_id: 'SO-10901', customer: 'Łukasz Żeromski', status: 'open', ships_on: '2026-07-02', paid: 89.9, currency: 'PLN' },
  { order_id: 'SO-20990', customer: '佐藤 花子', status: 'open', ships_on: '2026-08-21', paid: 18400, currency: 'JPY' },
  { order_id: 'SO-10412', customer: 'Zoë Lindqvist', status: 'returned', ships_on: '2026-05-30', paid: 40, currency: 'EUR' },
  { order_id: 'SO-10733', customer: 'Aarav Mehta', status: 'returned', ships_on: '2026-06-03', paid: 100, currency: 'EUR' },
  { order_id: 'SO-10377', customer: "Siobhán O'Dea", status: 'returned', ships_on: '2026-06-11', paid: 250, currency: 'EUR' },
];
