// Finds a contribution by kind and name, and makes what it contributes.
import type { ContributionKind, ContributionKinds, CreationContext } from '../contracts/plugin.ts';
import { TransfuseError } from '../errors/index.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { isTransfuseError, pluginFailed, type RegisteredContribution } from './loaded-plugin.ts';
import { printShort } from './short-value.ts';

/** The contribution of a kind and name. Throws `contribution.missing`. */
export function findContribution<Kind extends ContributionKind>(
  contributions: readonly RegisteredContribution[],
  kind: Kind,
  name: string,
): RegisteredContribution<Kind> {
  const ofKind = contributions.filter((item): item is RegisteredContribution<Kind> => item.kind === kind);
  const contribution = ofKind.find((item) => item.name === name);
  if (contribution !== undefined) return contribution;
  const names = ofKind.map((item) => item.name);
  const near = nearestName(String(name), names);
  throw new TransfuseError({
    code: 'contribution.missing',
    place: `${kind} ${name}`,
    found: 'no contribution of that name',
    expected: names.length === 0 ? `a plugin that contributes a ${kind}` : `one of ${names.join(', ')}`,
    mend: near === undefined ? 'Add the plugin that contributes it, or choose another.' : `Write \`${near}\`.`,
  });
}

/** Makes the thing from settings that are checked already. Throws what its factory throws, told under the plugin’s name. */
export async function createContribution<Kind extends ContributionKind>(
  { plugin, kind, name, create }: RegisteredContribution<Kind>,
  settings: Readonly<Record<string, unknown>>,
  context: CreationContext,
): Promise<ContributionKinds[Kind]> {
  const during = `while it created the ${kind} ${name}`;
  let made: ContributionKinds[Kind];
  try {
    made = await create(settings, context);
  } catch (error) {
    const aborted = context.signal?.aborted === true && error === context.signal.reason;
    throw aborted || isTransfuseError(error) ? error : pluginFailed(plugin, during, error);
  }
  if (typeof made === 'object' && made !== null) return made;
  throw pluginFailed(plugin, during, new TypeError(`the factory returned ${printShort(made)}`));
}
