/*
 * Drawings that their packages file under a wrong name, found by comparing the four styles. @lobehub/fluent-emoji-3d
 * 1.1.0 has the files of the medium-light and the medium skin tone exchanged, but for technologists and pairs of people,
 * and mixes up all five tones of one person. Other versions are taken as they are. A caption that contradicts its
 * picture teaches a model nonsense, so these are put right or left out here.
 */
import type { LocatedPackage } from './emoji-packages.ts';

/** The code under which a package files the drawing of an emoji; undefined if what it has is another emoji. */
export function filedCode(code: string, found: LocatedPackage): string | undefined {
  const version = `${found.name}@${found.version}`;
  if (version === '@iconify-json/fluent-emoji-flat@1.2.6') return drawnWithoutTone.has(code) ? undefined : code;
  return version === '@lobehub/fluent-emoji-3d@1.1.0' ? filedFluent3d(code) : code;
}

/** The five skin tones as code points, light to dark. */
const tones = ['1f3fb', '1f3fc', '1f3fd', '1f3fe', '1f3ff'];

/** `person taking bath`, medium-dark: drawn in yellow. */
const drawnWithoutTone: ReadonlySet<string> = new Set(['1f6c0-1f3fe']);

/** Two people in one code point: holding hands, kiss, couple with heart. */
const pairs: ReadonlySet<string> = new Set(['1f46b', '1f46c', '1f46d', '1f48f', '1f491']);
const personMountainBiking = '1f6b5';
const laptop = '1f4bb';

function filedFluent3d(code: string): string {
  const parts = code.split('-');
  const toned = parts.filter((part) => tones.includes(part));
  if (toned.length !== 1 || pairs.has(parts[0]!) || parts.includes(laptop)) return code;
  const alone = parts.length === 2 && parts[0] === personMountainBiking;
  const order = alone ? [4, 3, 1, 2, 0] : [0, 2, 1, 3, 4]; // by tone, the tone of the file that shows it
  return parts.map((part) => (tones.includes(part) ? tones[order[tones.indexOf(part)]!]! : part)).join('-');
}
