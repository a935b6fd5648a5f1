/** A picture in memory, 8 bits per channel, red-green-blue interleaved, rows top to bottom. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  /** `height * width * 3` bytes. */
  readonly data: Uint8Array;
}
