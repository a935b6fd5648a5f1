// Imports the plugins that a configuration lists by module name. A name is looked up from the configuration file, as
// an import statement in it would be: `./my-plugin.ts` stands beside it, `acme-shapes` is installed where it is.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Plugin, TransfuseError } from '@transfuse/core/contracts';
import { createJiti } from 'jiti';
import { isTransfuseError } from '../failure.ts';
import { type ConfigFile, importModule } from './config-file.ts';

/**
 * The plugins of a configuration's `plugins` list; what is already a plugin stays as it is.
 *
 * @throws TransfuseError `config.invalid` for a list that is none, `plugin.missing` for a module that is not found,
 *   `plugin.failed` for one that throws, `plugin.manifest-invalid` for one without exactly one plugin
 */
export async function pluginsOf({ path, value }: ConfigFile): Promise<readonly Plugin[]> {
  const { plugins = [] } = value;
  if (!Array.isArray(plugins)) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'plugins',
      found: JSON.stringify(plugins) ?? typeof plugins,
      expected: 'a list of plugins or module names',
      mend: 'Write a list, for example ["./my-plugin.ts"].',
    });
  }
  return Promise.all(
    plugins.map((entry: unknown, index) => {
      if (typeof entry === 'string') return loadPlugin(entry, path);
      if (typeof entry === 'object' && entry !== null) return entry as Plugin; // checked by the host
      throw notAPlugin(`plugins[${index}]`, String(entry), 'a plugin, or the name of a module that exports one');
    }),
  );
}

async function loadPlugin(specifier: string, configPath: string): Promise<Plugin> {
  const parentURL = pathToFileURL(configPath).href;
  const found = createJiti(parentURL, { fsCache: false }).esmResolve(specifier, { parentURL, try: true });
  if (found === undefined) {
    throw new TransfuseError({
      code: 'plugin.missing',
      place: `plugins: ${specifier}`,
      found: 'no such module',
      expected: `a module that can be imported from ${configPath}`,
      mend: /^[./]/.test(specifier)
        ? 'Check the path; it is taken from the folder of the configuration file.'
        : `Check the name, or install it: npm install ${specifier}.`,
    });
  }
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importModule(found.startsWith('file:') ? fileURLToPath(found) : found);
  } catch (cause) {
    if (isTransfuseError(cause)) throw cause;
    throw new TransfuseError({
      code: 'plugin.failed',
      place: specifier,
      found: `an error while it was imported (${cause instanceof Error ? cause.message : String(cause)})`,
      expected: 'a module that can be imported',
      mend: 'Mend or reinstall the module; --debug shows the stack.',
      cause,
    });
  }
  return pluginIn(module, specifier);
}

/** The default export, or the only export that is a plugin. */
function pluginIn(module: Readonly<Record<string, unknown>>, specifier: string): Plugin {
  if (isPlugin(module['default'])) return module['default'];
  const exported = Object.entries(module).filter((entry): entry is [string, Plugin] => isPlugin(entry[1]));
  const [only] = exported;
  if (only !== undefined && exported.length === 1) return only[1];
  const found = exported.length === 0 ? 'no plugin' : `the plugins ${exported.map(([name]) => name).join(', ')}`;
  throw notAPlugin(`plugins: ${specifier}`, found, 'a module that exports one plugin');
}

function notAPlugin(place: string, found: string, expected: string): TransfuseError {
  const mend = 'Import the module in a .ts or .js configuration and list the plugin itself.';
  return new TransfuseError({ code: 'plugin.manifest-invalid', place, found, expected, mend });
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && 'manifest' in value && 'contributions' in value;
}
