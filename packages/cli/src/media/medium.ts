// What the command line knows of one kind of value that files hold: pictures, sounds, clips. Everything that reads
// files, saves what a model made or shows it goes by these, so that a kind is described in one place.

/** One kind of value. */
export interface Medium<Value = unknown> {
  /** The modality whose segments it is; saved files are named after it, as `image-1.png`. */
  readonly modality: string;
  /** What people call one of them, and several. */
  readonly noun: { readonly one: string; readonly many: string };
  /** How files of this kind end, in lower case. An extension may stand at several kinds. */
  readonly extensions: readonly string[];
  /** How files end that are saved: the format that loses nothing. */
  readonly extension: string;
  /** Whether a value is of this kind, going by its fields. */
  isValue(value: unknown): value is Value;
  /** Reads a file, by its path or from its bytes. Throws `<medium>.not-found`, `<medium>.undecodable` and the like. */
  read(source: string | Uint8Array): Promise<Value>;
  /** Writes a file in the format of its extension, and replaces an earlier one. Throws `<medium>.unwritable`. */
  save(value: Value, file: string): Promise<void>;
}

/** The fields of a value that is an object, to look at one by one. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
