// Reads a plugin once, at the border, into a checked record that the host works with from then on. A plugin is
// somebody else's code: each access is guarded, and whatever it throws is reported under the plugin's name.
import type { Contribution, ContributionKind, JsonSchema, PluginContext, PluginManifest } from '../contracts/plugin.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkProvides, contributionSchema, validateManifest } from './manifest.ts';
import { compileSchema, validate } from './schema-validation.ts';
import { printShort } from './short-value.ts';

/** A contribution with the name of the plugin it came from. */
export interface RegisteredContribution<Kind extends ContributionKind = ContributionKind> {
  readonly plugin: string;
  readonly kind: Kind;
  readonly name: string;
  readonly description: string;
  readonly configSchema: JsonSchema;
  readonly create: Contribution<Kind>['create'];
}

/** A plugin that has been read and checked; its hooks do nothing where the plugin has none. */
export interface LoadedPlugin {
  readonly manifest: PluginManifest;
  readonly contributions: readonly RegisteredContribution[];
  setUp(context: PluginContext): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Reads and checks one plugin of a host's list.
 *
 * @throws TransfuseError `plugin.manifest-invalid`, `plugin.api-mismatch`, or `plugin.failed` where reading it throws
 */
export function loadPlugin(value: unknown, position: number): LoadedPlugin {
  let place = `plugins[${position}]`;
  try {
    const plugin = asRecord(value, place);
    place = announcedName(plugin) ?? place;
    const manifest = validateManifest(plugin['manifest'], { place });
    if (manifest.configSchema !== undefined)
      compileSchema(manifest.configSchema, `${manifest.name}: manifest.configSchema`);
    const contributions = readContributions(plugin['contributions'], manifest.name);
    checkProvides(manifest, contributions);
    const { setUp, dispose } = plugin;
    const call = (hook: unknown) => async (argument?: PluginContext) => {
      if (typeof hook === 'function') await Reflect.apply(hook, plugin, argument === undefined ? [] : [argument]);
    };
    checkHook(setUp, `${manifest.name}: setUp`);
    checkHook(dispose, `${manifest.name}: dispose`);
    return { manifest, contributions, setUp: call(setUp), dispose: () => call(dispose)() };
  } catch (error) {
    throw isTransfuseError(error) ? error : pluginFailed(place, 'while it was read', error);
  }
}

/** The error for something a plugin threw. `during` completes "it threw …": `while it was set up`. */
export function pluginFailed(plugin: string, during: string, cause: unknown): TransfuseError {
  const message = cause instanceof Error ? `${cause.name}: ${cause.message}` : printShort(cause);
  return new TransfuseError({
    code: 'plugin.failed',
    place: plugin,
    found: `an error ${during} (${message})`,
    expected: 'a plugin that works',
    mend: `Report it to the author of ${plugin}, or remove the plugin; the cause of this error has the stack.`,
    cause,
  });
}

/** Whether an error already speaks in the host's words; holds across two installed copies of the package. */
export function isTransfuseError(error: unknown): error is TransfuseError {
  return (
    error instanceof TransfuseError || (error instanceof Error && error.name === 'TransfuseError' && 'code' in error)
  );
}

function asRecord(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new TransfuseError({
    code: 'plugin.manifest-invalid',
    place,
    found: printShort(value),
    expected: 'a plugin: an object with a manifest and contributions',
    mend:
      typeof value === 'string' ? 'Import the module and pass what it exports.' : 'Pass what `definePlugin` returns.',
  });
}

function announcedName(plugin: Readonly<Record<string, unknown>>): string | undefined {
  const manifest = plugin['manifest'];
  if (typeof manifest !== 'object' || manifest === null || !('name' in manifest)) return undefined;
  return typeof manifest.name === 'string' && manifest.name !== '' ? manifest.name : undefined;
}

function readContributions(list: unknown, plugin: string): readonly RegisteredContribution[] {
  if (!Array.isArray(list)) throw malformed(`${plugin}: contributions`, list, 'a list of contributions');
  return list.map((item: unknown, index) => {
    const place = `${plugin}: contributions[${index}]`;
    if (typeof item !== 'object' || item === null) throw malformed(place, item, 'a contribution');
    const { kind, name, description, configSchema, create } = item as Partial<Contribution>;
    const where = { code: 'plugin.manifest-invalid', place } as const;
    const plain = validate(contributionSchema, { kind, name, description, configSchema }, where);
    if (typeof create !== 'function') throw malformed(`${place}.create`, create, 'a function');
    // The schema is kept by reference, so that it is compiled once for all hosts.
    const schema = configSchema as JsonSchema;
    compileSchema(schema, `${place}.configSchema`);
    return { ...plain, configSchema: schema, plugin, create: create.bind(item) as Contribution['create'] };
  });
}

function checkHook(hook: unknown, place: string): void {
  if (hook !== undefined && typeof hook !== 'function') throw malformed(place, hook, 'a function, or nothing');
}

function malformed(place: string, found: unknown, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'plugin.manifest-invalid',
    place,
    found: printShort(found),
    expected,
    mend: 'Declare the plugin with `definePlugin` and its parts with `contribution`; this is for its author to do.',
  });
}
