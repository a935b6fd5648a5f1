// Trains the smallest model that the examples can load: a few steps on 16-pixel pictures of one style.
import { image, text } from '@transfuse/adapters';
import { createHost } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';

/** Leaves a checkpoint in `<folder>/checkpoint`. */
export async function trainTinyModel(folder: string): Promise<void> {
  const host = await createHost({ plugins: [text, image, diffusion, emoji] });
  await host.train(
    {
      data: { name: 'emoji', size: 16, styles: ['noto'] },
      model: { preset: 'nano' },
      modalities: { text: { adapter: 'bpe', vocabularySize: 320 }, image: { adapter: 'linear-patch', size: 16 } },
      sampling: { steps: 4 },
      train: { steps: 3, rows: 4, rowLength: 64, warmup: 1 },
    },
    { folder },
  );
  await host.dispose();
}
