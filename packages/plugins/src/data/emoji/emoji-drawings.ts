/*
 * The drawings of each style, by code points: SVG for three of them (Iconify's JSON form, whose entries are the inside
 * of an <svg> element plus a box), WebP files for the fourth. Only looks up; nothing is rendered here.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { normalizedCode } from './emoji-catalogue.ts';
import { filedCode } from './emoji-errata.ts';
import { brokenPackage, type LocatedPackage, readPackageJson } from './emoji-packages.ts';
import type { EmojiStyle } from './emoji-style.ts';

/** One drawing: an SVG document that fills a square of any side in pixels, or an image file. */
export type EmojiDrawing = { readonly svg: (side: number) => string } | { readonly file: string };

/** Finds drawings of one style by {@link EmojiName.code}; undefined where the style lacks one. */
export type EmojiDrawings = (code: string) => EmojiDrawing | undefined;

/** Opens the drawings of a style. @throws TransfuseError `dataset.unavailable` if its package is broken. */
export async function openDrawings(style: EmojiStyle, found: LocatedPackage): Promise<EmojiDrawings> {
  const find = await (style === 'fluent-3d' ? openFiles(found) : openIcons(found));
  return (code) => {
    const filed = filedCode(code, found);
    return filed === undefined ? undefined : find(filed);
  };
}

async function openFiles(found: LocatedPackage): Promise<EmojiDrawings> {
  const folder = join(found.folder, 'assets');
  const files = await readdir(folder).catch((cause: unknown) => {
    throw brokenPackage(found, 'no folder assets', cause);
  });
  const suffix = '.webp';
  const byCode = new Map(
    files
      .filter((file) => file.endsWith(suffix))
      .map((file) => [normalizedCode(file.slice(0, -suffix.length)), join(folder, file)]),
  );
  return (code) => {
    const file = byCode.get(code);
    return file === undefined ? undefined : { file };
  };
}

/** Iconify's `icons.json`, as far as the emoji sets use it: a body per icon, a box for all, another height for a few. */
interface IconSet {
  readonly icons: Readonly<
    Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>
  >;
  readonly width?: number;
  readonly height?: number;
}

async function openIcons(found: LocatedPackage): Promise<EmojiDrawings> {
  const set = await readPackageJson(found, 'icons.json');
  const characters = await readPackageJson(found, 'chars.json');
  if (!isIconSet(set) || typeof characters !== 'object' || characters === null) {
    throw brokenPackage(found, 'icons.json or chars.json in another form');
  }
  const byCode = new Map(Object.entries(characters).map(([code, name]) => [normalizedCode(code), String(name)]));
  const { width = 16, height = 16 } = set;
  return (code) => {
    const icon = set.icons[byCode.get(code) ?? ''];
    return icon === undefined ? undefined : { svg: svgDocument({ width, height, ...icon }) };
  };
}

function isIconSet(set: unknown): set is IconSet {
  return (
    typeof set === 'object' && set !== null && 'icons' in set && typeof set.icons === 'object' && set.icons !== null
  );
}

/** An icon's inside as a whole document, which SVG itself fits into the middle of the square it is drawn into. */
function svgDocument(icon: { readonly body: string; readonly width: number; readonly height: number }) {
  const spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
  const box = `viewBox="0 0 ${icon.width} ${icon.height}"`;
  return (side: number): string => `<svg ${spaces} ${box} width="${side}" height="${side}">${icon.body}</svg>`;
}
