/** The error for an optional package that a backend needs and that does not load. */
import { TransfuseError } from '../../errors/index.ts';

/** Versions that were tried with this one. */
const versions: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  '@tensorflow/tfjs-backend-webgpu': '4.22.0',
  webgpu: '0.6.2',
};

/** Says which packages the backend needs and how to install them. */
export function missingPackage(backend: string, packages: readonly string[], cause: unknown): TransfuseError {
  const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  return new TransfuseError({
    code: 'engine.unavailable',
    place: `engine.backend ${backend}`,
    found: `that ${packages.join(' or ')} does not load (${problem})`,
    expected: `the package${packages.length === 1 ? '' : 's'} ${packages.join(' and ')}`,
    mend: `Run \`npm install ${packages.map((name) => `${name}@${versions[name]}`).join(' ')}\`, or choose another engine.`,
    cause,
  });
}
