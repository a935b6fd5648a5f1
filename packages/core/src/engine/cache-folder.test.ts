import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultEngineCache } from './cache-folder.ts';

describe('defaultEngineCache', () => {
  it('is the folder that TRANSFUSE_CACHE names, or nowhere where it says none', () => {
    const environment = { XDG_CACHE_HOME: '/caches', TRANSFUSE_CACHE: '/mine' };
    expect(defaultEngineCache(environment, 'linux')).toEqual({ folder: '/mine' });
    expect(defaultEngineCache({ ...environment, TRANSFUSE_CACHE: 'none' }, 'linux')).toBe('none');
  });

  it('is a folder of this user otherwise, where the platform keeps caches', () => {
    const at = (environment: Record<string, string>, platform: NodeJS.Platform) =>
      defaultEngineCache(environment, platform);
    expect(at({ XDG_CACHE_HOME: '/caches', TRANSFUSE_CACHE: '' }, 'linux')).toEqual({
      folder: join('/caches', 'transfuse'),
    });
    expect(at({}, 'linux')).toEqual({ folder: join(homedir(), '.cache', 'transfuse') });
    expect(at({}, 'darwin')).toEqual({ folder: join(homedir(), 'Library', 'Caches', 'transfuse') });
    expect(at({ LOCALAPPDATA: 'C:\\Local' }, 'win32')).toEqual({ folder: join('C:\\Local', 'transfuse') });
  });
});
