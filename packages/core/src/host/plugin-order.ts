// Decides the order in which plugins are set up: each after the ones it requires, otherwise as they were given.
// Also where duplicates, missing requirements and requirement circles are found.
import type { PluginManifest } from '../contracts/plugin.ts';
import { TransfuseError } from '../errors/index.ts';
import { nearestName } from '../errors/nearest-name.ts';

/**
 * Orders plugins so that requirements come first.
 *
 * @throws TransfuseError `plugin.duplicate`, `plugin.missing`, or `plugin.manifest-invalid` for a circle
 */
export function orderPlugins<Item extends { readonly manifest: PluginManifest }>(
  items: readonly Item[],
): readonly Item[] {
  const byName = new Map<string, Item>();
  for (const [index, item] of items.entries()) {
    const { name, version } = item.manifest;
    const earlier = byName.get(name);
    if (earlier !== undefined) throw duplicate(name, `plugins[${index}]`, [earlier.manifest.version, version]);
    byName.set(name, item);
  }
  const ordered = new Set<Item>();
  const visit = (item: Item, trail: readonly string[]): void => {
    if (ordered.has(item)) return;
    const { name, requires = [] } = item.manifest;
    if (trail.includes(name)) throw circle([...trail.slice(trail.indexOf(name)), name]);
    for (const required of requires) {
      const other = byName.get(required);
      if (other === undefined) throw pluginMissing(`${name}: manifest.requires`, required, [...byName.keys()]);
      visit(other, [...trail, name]);
    }
    ordered.add(item);
  };
  for (const item of items) visit(item, []);
  return [...ordered];
}

/** The error for a plugin that something names but that is not in the host. */
export function pluginMissing(place: string, name: string, known: readonly string[]): TransfuseError {
  const near = nearestName(name, known);
  return new TransfuseError({
    code: 'plugin.missing',
    place,
    found: `${JSON.stringify(name)}, which is not among the plugins of this host`,
    expected: known.length === 0 ? 'a plugin of this host, which has none' : `one of ${known.join(', ')}`,
    mend: near === undefined ? `Add ${name} to \`plugins\`.` : `Write \`${near}\`, or add ${name} to \`plugins\`.`,
  });
}

function duplicate(name: string, place: string, versions: readonly string[]): TransfuseError {
  return new TransfuseError({
    code: 'plugin.duplicate',
    place,
    found: `a second plugin named ${JSON.stringify(name)} (versions ${versions.join(' and ')})`,
    expected: 'each plugin once',
    mend: 'Remove one of the two.',
  });
}

function circle(names: readonly string[]): TransfuseError {
  return new TransfuseError({
    code: 'plugin.manifest-invalid',
    place: `${names[0] ?? ''}: manifest.requires`,
    found: `a circle (${names.join(' requires ')})`,
    expected: 'requirements that can be set up one after the other',
    mend: 'Remove one of the plugins of the circle; their authors must break it.',
  });
}
