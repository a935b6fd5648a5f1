// Runs `transfuse caption`: one line per file, in the order they were named, whatever medium they are of.
import { extname } from 'node:path';
import { TransfuseError } from '@transfuse/core/contracts';
import { engineConfig } from '../arguments/shared-options.ts';
import type { CaptionOptions } from '../commands/caption.ts';
import { loadOptions } from '../export/weights-option.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import { type MediumFile, mediumOfFile } from '../media/media.ts';
import { mediumIn, namedFile } from '../media/named-file.ts';
import type { Surroundings } from '../surroundings.ts';

/** Captions files. */
export async function runCaption(
  { checkpoint, files }: { readonly checkpoint: string; readonly files: readonly string[] },
  options: CaptionOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const { maxTokens, temperature, seed } = options;
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const request = { folder: checkpoint, config: options.config, engine: engineConfig(options), logger };
  await withCheckpointHost(request, async (host) => {
    const loaded = await host.load(checkpoint, loadOptions(options));
    const modalities = Object.keys(loaded.model.continuous);
    for (const word of files) {
      const { file, medium } = fileOf(word, modalities);
      const { modality } = medium;
      const caption = await loaded.caption(await medium.read(file), {
        modality,
        ...(maxTokens !== undefined && { maximumTokens: maxTokens }),
        ...(temperature !== undefined && { temperature }),
        ...(seed !== undefined && { seed }),
      });
      const line = caption.replaceAll(/\s+/g, ' ');
      stdout.write(options.json ? `${JSON.stringify({ file, modality, caption })}\n` : `${file}\t${line}\n`);
    }
  });
}

/** What a file is read as: what its prefix or its name says, else what the model has. */
function fileOf(word: string, modalities: readonly string[]): MediumFile {
  const prefixed = namedFile(word, { modalities });
  const known = modalities.flatMap((modality) => mediumIn(modality, word, modalities) ?? []);
  const fitting = known.find(({ extensions }) => extensions.includes(extname(word).toLowerCase()));
  const usual = mediumOfFile(word, modalities);
  const isKnown = usual !== undefined && modalities.includes(usual.modality);
  const medium = prefixed?.medium ?? (isKnown ? usual : (fitting ?? usual ?? known[0]));
  const file = prefixed?.file ?? word;
  if (medium !== undefined && modalities.includes(medium.modality)) return { file, medium };
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: word,
    found: medium === undefined ? 'a file' : `a ${medium.noun.one}`,
    expected: `what the model has: ${known.map(({ noun }) => noun.many).join(', ') || 'nothing that is read from files'}`,
    mend: 'Name a file of such a kind, or use another checkpoint.',
  });
}
