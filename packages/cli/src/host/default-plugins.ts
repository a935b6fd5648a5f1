// The plugins that are there without being asked for: text, images, diffusion and the Emoji data set. A listed plugin
// that bears the name of one of them, or provides the same thing, takes its place.
import { image, text } from '@transfuse/adapters';
import type { Plugin } from '@transfuse/core/contracts';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';

/** Text, image, diffusion and emoji. */
export const defaultPlugins: readonly Plugin[] = [text, image, diffusion, emoji];

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
