// Values of any modality as JSON, and back. Numbers, texts, lists and plain objects stand as they are; a typed array is
// { "type": "Float32Array", "values": [...] }, so that it is one again when it is read, and numbers that JSON has no word
// for are the texts "NaN", "Infinity", "-Infinity" and "-0". A float32 is written with the nine digits that name it.
const arrayTypes = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
} as const;

type ArrayTypeName = keyof typeof arrayTypes;

const unspoken: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/**
 * A value as JSON, on one line; undefined where it holds something else than numbers, texts, booleans, null, typed arrays,
 * lists and objects of these (a Map, a bigint, itself). Fields that hold a function or nothing are left out, and objects
 * of a class are read back as plain ones.
 *
 * @example
 * ```ts
 * const text = jsonOfValue({ points: Float32Array.of(0.5, 1) });
 * console.assert(text === '{"points":{"type":"Float32Array","values":[0.5,1]}}');
 * ```
 */
export function jsonOfValue(value: unknown): string | undefined {
  const written = writtenValue(value, []);
  return written === undefined ? undefined : JSON.stringify(written);
}

/** The value of a text that {@link jsonOfValue} wrote, or somebody by hand. Throws an Error for what is not such a text. */
export function valueOfJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => readValue(value)) as unknown;
}

/** What JSON can hold in place of the value; undefined for what it cannot. */
function writtenValue(value: unknown, within: readonly object[]): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return isSpoken(value) ? value : { type: 'number', value: wordOf(value) };
  if (typeof value !== 'object' || within.includes(value)) return undefined;
  const type = arrayTypeOf(value);
  if (type !== undefined) return { type, values: Array.from(value as Float32Array, digitsOf(type)) };
  const inside = [...within, value];
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => writtenValue(item, inside));
    return items.includes(undefined) ? undefined : items;
  }
  if (Object.prototype.toString.call(value) !== '[object Object]') return undefined; // a Map, a Date, a Promise
  const kept = Object.entries(value).filter(([, field]) => field !== undefined && typeof field !== 'function');
  const fields = kept.map(([name, field]) => [name, writtenValue(field, inside)] as const);
  return fields.some(([, field]) => field === undefined) ? undefined : Object.fromEntries(fields);
}

/** How the numbers of an array are written. */
function digitsOf(type: ArrayTypeName): (value: number) => number | string {
  const shortened =
    type === 'Float32Array' ? (value: number) => Number(value.toPrecision(9)) : (value: number) => value;
  return (value) => (isSpoken(value) ? shortened(value) : wordOf(value));
}

function isSpoken(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function wordOf(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function arrayTypeOf(value: object): ArrayTypeName | undefined {
  return (Object.keys(arrayTypes) as ArrayTypeName[]).find((type) => value instanceof arrayTypes[type]);
}

/** Typed arrays and numbers in place of the objects that say them; everything else as it is. */
function readValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value)) return value;
  if (value.type === 'number' && 'value' in value) return unspoken.get(String(value.value)) ?? value;
  if (typeof value.type !== 'string' || !Object.hasOwn(arrayTypes, value.type)) return value;
  if (!('values' in value) || !Array.isArray(value.values)) return value;
  const type = value.type as ArrayTypeName;
  const numbers = value.values.map((one: unknown) => numberOf(one, type));
  return arrayTypes[type].from(numbers);
}

function numberOf(written: unknown, type: ArrayTypeName): number {
  const value = typeof written === 'string' ? unspoken.get(written) : written;
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(written)} among the values of a ${type}`);
  const fits = type.startsWith('Float') || arrayTypes[type].of(value)[0] === value;
  if (!fits) throw new Error(`${value} among the values of a ${type}, which cannot hold it`);
  return value;
}
