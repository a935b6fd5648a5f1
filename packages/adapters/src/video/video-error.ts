/** Sentences about videos that cannot be read, from wherever they come. */
import { TransfuseError } from '@transfuse/core/contracts';

/** The error for what is not a video, or a damaged one. */
export function undecodableVideo(
  place: string,
  { found, expected, cause }: { readonly found: string; readonly expected?: string; readonly cause?: unknown },
): TransfuseError {
  return new TransfuseError({
    code: 'video.undecodable',
    place,
    found,
    expected: expected ?? 'a whole animated WebP or GIF, MP4 or WebM video, or picture',
    mend: 'Play it to see whether it is damaged, or save it as animated WebP.',
    cause,
  });
}

/** What an error says, on one line. */
export function saidBy(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim().replaceAll('\n', '; ').replace(/\.$/, '') : String(cause);
}
