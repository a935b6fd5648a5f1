// The configuration that stands in a checkpoint's folder, looked at before the checkpoint is loaded: which settings its
// plugins want, which modalities it has. What cannot be read here is reported when the checkpoint is loaded.
import { readFolderWhole } from '@transfuse/core/training';
import { fieldsOf } from '../media/medium.ts';

/** What of a stored configuration is looked at; unchecked. */
export interface StoredConfig {
  readonly plugin: unknown;
  /** Names of modalities; undefined where they cannot be read. */
  readonly modalities: readonly string[] | undefined;
}

/** Reads the `config.json` of a checkpoint folder. Throws nothing. */
export async function readStoredConfig(folder: string): Promise<StoredConfig> {
  let content: unknown;
  try {
    const files = await readFolderWhole(folder, { names: ['config.json'] });
    content = JSON.parse(new TextDecoder().decode(files?.['config.json']));
  } catch {
    content = undefined;
  }
  const { plugin, modalities } = fieldsOf(content);
  return { plugin, modalities: modalities === undefined ? undefined : Object.keys(fieldsOf(modalities)) };
}
