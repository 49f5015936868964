// The bridge's last word on each zone, in degrees Celsius.

export interface Reading {
  name: string;
  celsius: number;
  setpoint: number;
}

export const readings: Record<string, Reading | undefined> = {
  'Z-2': { name: 'server room', celsius: 29.5, setpoint: 25 },
  'Z-4': { name: 'west office', celsius: 24, setpoint: 22 },
  'Z-7': { name: 'plant room', celsius: 31, setpoint: 24 },
};
