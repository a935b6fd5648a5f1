/** Cutting rectangles out of images and pasting them back: images as plain arrays `[H, W, C]`, rows top to bottom. */

/** An image of any number of channels. */
export interface ImagePlane {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `height * width * channels` numbers. */
  readonly data: Float32Array;
}

/** A place in an image, or in two images of which one is scaled. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** An image of zeros. */
export function emptyPlane(height: number, width: number, channels: number): ImagePlane {
  return { height, width, channels, data: new Float32Array(height * width * channels) };
}

/** A copy of a rectangle that lies inside the image. */
export function cutOut(from: ImagePlane, { top, left, height, width }: Rectangle): ImagePlane {
  const plane = emptyPlane(height, width, from.channels);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * from.width + left) * from.channels;
    plane.data.set(from.data.subarray(start, start + width * from.channels), row * width * from.channels);
  }
  return plane;
}

/** Writes the upper left part of an image, as large as the rectangle, over a rectangle of another. */
export function paste(into: ImagePlane, { top, left, height, width }: Rectangle, from: ImagePlane): void {
  for (let row = 0; row < height; row++) {
    const start = row * from.width * from.channels;
    into.data.set(
      from.data.subarray(start, start + width * from.channels),
      ((top + row) * into.width + left) * into.channels,
    );
  }
}
