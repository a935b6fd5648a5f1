/**
 * A Vulkan driver for tests of engines on a graphics processor: the system's own where there is one, otherwise the
 * software driver that Chromium brings along (SwiftShader), loaded into this process before anybody looks for Vulkan.
 */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

const library = 'libvulkan.so.1';
const systemFolders = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
];
const driverFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
const chromiumFolders = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/usr/lib64/chromium-browser',
];
/** Keeps a library loaded after the loader gives it back (RTLD_NODELETE, which Node.js does not name). */
const keepLoaded = 0x1000;

/** Why no Vulkan driver is to be had; undefined where one is. */
export const vulkanProblem: string | undefined = findVulkan();

function findVulkan(): string | undefined {
  if (process.platform !== 'linux') return undefined; // Metal and Direct3D 12 are always there
  const named = process.env['VK_DRIVER_FILES'] ?? process.env['VK_ICD_FILENAMES'];
  const hasLibrary = systemFolders.some((folder) => existsSync(join(folder, library)));
  if (hasLibrary && (named !== undefined || driverFolders.some((folder) => existsSync(folder)))) return undefined;
  const chromium = chromiumFolders.find((folder) => existsSync(join(folder, 'vk_swiftshader_icd.json')));
  if (chromium === undefined) return 'no Vulkan driver, and no Chromium with its software driver';
  process.env['VK_DRIVER_FILES'] = named ?? join(chromium, 'vk_swiftshader_icd.json');
  if (hasLibrary) return undefined;
  try {
    process.dlopen({ exports: {} }, join(chromium, library), constants.dlopen.RTLD_NOW | keepLoaded);
  } catch {
    // It is no module of Node.js, which is said after it is loaded.
  }
  return undefined;
}
