import { numberSetting } from '../schedules/setting.ts';

// The scale that every combining guider has: how far it goes from the weaker branch towards the stronger and beyond.

const range = { minimum: 0, maximum: 1000 } as const;

/** Reads a scale, 0 to 1000; throws `schedule.invalid`. */
export function scaleSetting(place: string, value: number | undefined, fallback: number): number {
  return numberSetting({ place, value, fallback, ...range });
}

/** The JSON schema of a scale. */
export function scaleSchema(description: string, fallback: number) {
  return { type: 'number', ...range, default: fallback, description } as const;
}
