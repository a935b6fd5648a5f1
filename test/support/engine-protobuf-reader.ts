/**
 * A reader of the protobuf wire format, written from its specification and sharing no code with the writer under test.
 * It knows no schema: a message is the list of its fields, in file order, and the caller says what each one is.
 */

/** One field as it stands in the file. */
export interface WireField {
  readonly field: number;
  /** A varint as an unsigned 64-bit integer, or the bytes of a fixed or length-delimited field. */
  readonly value: bigint | Uint8Array;
}

/** The fields of one message, by number. */
export class WireMessage {
  readonly fields: readonly WireField[];

  constructor(bytes: Uint8Array) {
    this.fields = readFields(bytes);
  }

  /** Which field numbers occur. */
  get numbers(): number[] {
    return [...new Set(this.fields.map(({ field }) => field))].sort((a, b) => a - b);
  }

  messages(field: number): WireMessage[] {
    return this.#bytes(field).map((bytes) => new WireMessage(bytes));
  }

  message(field: number): WireMessage {
    return only(this.messages(field), field);
  }

  strings(field: number): string[] {
    return this.#bytes(field).map((bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  }

  string(field: number): string {
    return only(this.strings(field), field);
  }

  bytes(field: number): Uint8Array {
    return only(this.#bytes(field), field);
  }

  /** Signed integers; both the packed and the plain encoding of repeated fields are allowed. */
  integers(field: number): number[] {
    return this.#all(field).flatMap((value) => (value instanceof Uint8Array ? packed(value) : [signed(value)]));
  }

  integer(field: number): number {
    return only(this.integers(field), field);
  }

  float(field: number): number {
    const bytes = this.bytes(field);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  }

  #all(field: number): WireField['value'][] {
    return this.fields.filter((one) => one.field === field).map(({ value }) => value);
  }

  #bytes(field: number): Uint8Array[] {
    return this.#all(field).map((value) => {
      if (value instanceof Uint8Array) return value;
      throw new Error(`field ${field} is a varint`);
    });
  }
}

function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error(`a field of ${length} bytes at ${at} runs past the end`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const varint = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const [byte] = take(1);
      value |= BigInt(byte! & 0x7f) << shift;
      if (byte! < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = Math.floor(key / 8);
    const wireType = key % 8;
    if (wireType === 0) fields.push({ field, value: varint() });
    else if (wireType === 1) fields.push({ field, value: take(8) });
    else if (wireType === 2) fields.push({ field, value: take(Number(varint())) });
    else if (wireType === 5) fields.push({ field, value: take(4) });
    else throw new Error(`wire type ${wireType} of field ${field}`);
  }
  return fields;
}

function packed(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      values.push(signed(value));
      value = 0n;
      shift = 0n;
    }
  }
  return values;
}

const signed = (value: bigint) => Number(BigInt.asIntN(64, value));

function only<T>(values: readonly T[], field: number): T {
  if (values.length !== 1) throw new Error(`field ${field} occurs ${values.length} times, not once`);
  return values[0]!;
}
