// Runs `transfuse caption`: one line per picture, in the order they were named.
import { engineConfig } from '../arguments/shared-options.ts';
import type { CaptionOptions } from '../commands/caption.ts';
import { loadOptions } from '../export/weights-option.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { readPicture } from './picture.ts';

/** Captions pictures. */
export async function runCaption(
  { checkpoint, images }: { readonly checkpoint: string; readonly images: readonly string[] },
  options: CaptionOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const { maxTokens, temperature, seed } = options;
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const request = { folder: checkpoint, config: options.config, engine: engineConfig(options), logger };
  await withCheckpointHost(request, async (host) => {
    const model = await host.load(checkpoint, loadOptions(options));
    for (const image of images) {
      const caption = await model.caption(await readPicture(image), {
        modality: 'image',
        ...(maxTokens !== undefined && { maximumTokens: maxTokens }),
        ...(temperature !== undefined && { temperature }),
        ...(seed !== undefined && { seed }),
      });
      const line = caption.replaceAll(/\s+/g, ' ');
      stdout.write(options.json ? `${JSON.stringify({ image, caption })}\n` : `${image}\t${line}\n`);
    }
  });
}
