// The plugins that are there without being asked for: text, pictures, sounds, clips, diffusion and three data sets. A
// listed plugin that bears the name of one of them, or provides the same thing, takes its place.
import { image, text } from '@transfuse/adapters';
import { audio } from '@transfuse/adapters/audio';
import { video } from '@transfuse/adapters/video';
import type { Plugin } from '@transfuse/core/contracts';
import { diffusion } from '@transfuse/plugins';
import { animatedEmoji } from '@transfuse/plugins/data/animated-emoji';
import { emoji } from '@transfuse/plugins/data/emoji';
import { spokenDigits } from '@transfuse/plugins/data/spoken-digits';

/** Every plugin that ships with the command line. */
export const defaultPlugins: readonly Plugin[] = [
  text,
  image,
  audio,
  video,
  diffusion,
  emoji,
  spokenDigits,
  animatedEmoji,
];

/** The defaults with a configuration's plugins; a default that one of them replaces is left out. */
export function withDefaultPlugins(listed: readonly Plugin[]): readonly Plugin[] {
  const taken = new Set(listed.flatMap(namesOf));
  return [...defaultPlugins.filter((plugin) => !namesOf(plugin).some((name) => taken.has(name))), ...listed];
}

/** Its name and what it provides. A listed plugin may be anything: it has not been checked yet. */
function namesOf(plugin: Plugin): readonly unknown[] {
  const manifest: Partial<Plugin['manifest']> | undefined = (plugin as Partial<Plugin> | null | undefined)?.manifest;
  return [manifest?.name, ...(Array.isArray(manifest?.provides) ? manifest.provides : [])];
}
