// Folders that look, to `transfuse setup`, like a TensorFlow library and like the package @tensorflow/tfjs-node; for
// tests that never load either.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a file and the folders it lies in. */
export function putFile(file: string, content: string | Uint8Array = ''): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** The head of a shared library of Linux for a machine type: 62 is x64, 183 is arm64. */
function elfHeader(machineType = 62): Uint8Array {
  const header = Buffer.alloc(64);
  header.write('\x7fELF', 'latin1');
  header.writeUInt16LE(machineType, 18);
  return header;
}

/** The unpacked archive of libtensorflow. */
export function putArchive(folder: string, { machineType = 62, headers = 'whole' as 'whole' | 'none' } = {}): string {
  putFile(join(folder, 'lib', 'libtensorflow.so.2'), elfHeader(machineType));
  putFile(join(folder, 'lib', 'libtensorflow_framework.so.2'), elfHeader(machineType));
  if (headers === 'whole') putFile(join(folder, 'include', 'tensorflow', 'c', 'eager', 'c_api.h'));
  return folder;
}

/** A Python package in a folder of packages; returns the package's own folder. */
export function putPythonPackage(packages: string, { cuda = false } = {}): string {
  const folder = join(packages, 'tensorflow');
  putFile(join(folder, 'libtensorflow_cc.so.2'), elfHeader());
  putFile(join(folder, 'libtensorflow_framework.so.2'), elfHeader());
  putFile(join(folder, 'include', 'tensorflow', 'c', 'eager', 'c_api.h'));
  const build = cuda
    ? `[('cpu_compiler', 'clang'), ('cuda_compute_capabilities', ['sm_80', 'compute_90']), ('cuda_version', '12.5.1'), ('is_cuda_build', True)]`
    : `[('is_cuda_build', False)]`;
  putFile(join(folder, 'python', 'platform', 'build_info.py'), `build_info = collections.OrderedDict(${build})\n`);
  putFile(join(packages, `tensorflow${cuda ? '' : '_cpu'}-2.21.0.dist-info`, 'METADATA'));
  return folder;
}

/** The package with its sources, and with its binding where asked. */
export function putTfjsNode(folder: string, { version = '4.22.0', binding = 'none' as 'none' | 'built' } = {}): string {
  const binary = { module_name: 'tfjs_binding', module_path: './lib/napi-v{napi_build_version}', napi_versions: [8] };
  putFile(join(folder, 'package.json'), JSON.stringify({ name: '@tensorflow/tfjs-node', version, binary }));
  putFile(join(folder, 'binding', 'tfjs_backend.cc'));
  putFile(join(folder, 'dist', 'index.js'));
  if (binding === 'built') putFile(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), 'the old one');
  return folder;
}
