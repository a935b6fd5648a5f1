/** Where compiled functions are kept between processes, unless the caller says where. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where an engine keeps compiled functions between processes: in a folder, or nowhere. */
export type EngineCache = { readonly folder: string } | 'none';

/**
 * The folder of this user: what the environment variable `TRANSFUSE_CACHE` names (`none` for nowhere), otherwise
 * `transfuse` in the platform's folder for caches (`$XDG_CACHE_HOME` or `~/.cache`, on macOS `~/Library/Caches`, on
 * Windows `%LOCALAPPDATA%`).
 */
export function defaultEngineCache(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): EngineCache {
  const { TRANSFUSE_CACHE: chosen, XDG_CACHE_HOME: caches, LOCALAPPDATA: local } = environment;
  if (chosen === 'none') return 'none';
  if (chosen) return { folder: chosen };
  if (caches) return { folder: join(caches, 'transfuse') };
  if (platform === 'win32' && local) return { folder: join(local, 'transfuse') };
  if (platform === 'darwin') return { folder: join(homedir(), 'Library', 'Caches', 'transfuse') };
  return { folder: join(homedir(), '.cache', 'transfuse') };
}
