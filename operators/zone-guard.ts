// Answers faults of a building's zones: eases a zone that runs hot, and asks for isolation where there is a leak.
import { defineOperator } from '@fibric/sdk';

export default defineOperator({
  name: 'zone-guard',
  goal: 'Bring faulty zones back to their setpoint, and get a person where that is not enough.',
  requires: ['sensor.read', 'zone.setback', 'zone.isolate', 'notify.send', 'page.send'],
  trigger: { on: 'hvac.zone.fault' },

  async run(ctx) {
    const { zone, fault_id, fault } = ctx.envelope.payload;
    const reading = await ctx.sense('sensor.read', { zone });
    if (!reading) return { reasoning: `sensor.read has no reading of ${zone}: the fault cannot be verified`, actions: [] };
    const common = (verb: string) => ({ entity_key: `zone:${zone}`, idempotency_key: `zone-guard:${fault_id}:${verb}` });
    const page = (text: string) => ({
      tool: 'page.send',
      args: { team: 'facilities', severity: 'critical', text },
      ...common('page'),
    });

    if (fault === 'refrigerant_leak') {
      return {
        reasoning: `a leak is reported in the ${reading.name}: isolate it and get a person there`,
        actions: [
          { tool: 'zone.isolate', args: { zone, reason: 'refrigerant leak reported' }, ...common('isolate') },
          page(`${zone} ${reading.name}: refrigerant leak`),
        ],
      };
    }
    const over = reading.celsius - reading.setpoint;
    if (over <= 0) return { reasoning: `${zone} is at ${reading.celsius} °C, within its setpoint (sensor.read)`, actions: [] };
    const text = `${zone} ${reading.name} is ${over} °C above its setpoint`;
    const told =
      over > 3
        ? page(text)
        : { tool: 'notify.send', args: { channel: '#facilities', text }, ...common('notify') };
    return {
      reasoning: `${text} (sensor.read)`,
      actions: [{ tool: 'zone.setback', args: { zone, degrees: over }, value: over, ...common('setback') }, told],
    };
  },
});
