// Sizes of files and memory as people read them, in powers of 1000 as drives are sold and `ls --si` counts.

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes to three digits: `512 bytes`, `2.41 MB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
