/*
 * The plugin that brings the text modality: `bpe`, which learns a vocabulary from the training data, and `huggingface`,
 * which takes over an existing `tokenizer.json`. Both load the tokenizer of a checkpoint where there is one, so a model
 * always speaks with the vocabulary it was trained with.
 */
import { type Contribution, type DiscreteAdapter, type Plugin, TransfuseError } from '@transfuse/core/contracts';
import { trainByteLevelBpe } from './byte-level-bpe-trainer.ts';
import { huggingFaceText } from './hugging-face-text.ts';

const assetName = 'tokenizer.json';

const bpe: Contribution<'discrete-adapter'> = {
  kind: 'discrete-adapter',
  name: 'bpe',
  description: 'Text as byte-level BPE tokens, with a vocabulary learned from the training data.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      vocabularySize: {
        type: 'integer',
        minimum: 257,
        default: 512,
        description: 'How many tokens to learn, the 256 bytes included.',
      },
      minimumFrequency: {
        type: 'integer',
        minimum: 1,
        default: 2,
        description: 'How often a pair must occur to become a token.',
      },
    },
  },
  async create(config, { assets, texts, logger, progress, signal }): Promise<DiscreteAdapter<string>> {
    const stored = assets[assetName];
    if (stored) return huggingFaceText({ tokenizer: stored });
    if (!texts)
      throw withoutTokenizer('bpe', 'Load a checkpoint that holds tokenizer.json, or train on a data set with texts.');
    const { vocabularySize, minimumFrequency } = config as { vocabularySize: number; minimumFrequency: number };
    const tokenizer = await trainByteLevelBpe(texts(), {
      vocabularySize,
      minimumFrequency,
      ...(progress && { progress }),
      ...(signal && { signal }),
    });
    const adapter = huggingFaceText({ tokenizer });
    if (adapter.vocabularySize < vocabularySize) {
      logger.warn(`The texts gave ${adapter.vocabularySize} tokens; ${vocabularySize} were asked for.`);
    }
    return adapter;
  },
};

const huggingface: Contribution<'discrete-adapter'> = {
  kind: 'discrete-adapter',
  name: 'huggingface',
  description: 'Text as the tokens of an existing Hugging Face tokenizer.json.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      file: {
        type: 'string',
        minLength: 1,
        description: 'Path to a tokenizer.json, from the working directory. A checkpoint’s own file goes first.',
      },
    },
  },
  async create(config, { assets }): Promise<DiscreteAdapter<string>> {
    const stored = assets[assetName];
    if (stored) return huggingFaceText({ tokenizer: stored });
    const { file } = config as { file?: string };
    if (file === undefined) throw withoutTokenizer('huggingface', 'Name a tokenizer.json in the setting `file`.');
    return huggingFaceText({ tokenizer: await readFile(file), place: file });
  },
};

/**
 * The text modality as a plugin: discrete adapters `bpe` and `huggingface`.
 *
 * @example
 * ```ts
 * import { text } from '@transfuse/adapters/text';
 * console.assert(text.manifest.provides.includes('discrete-adapter:bpe'));
 * ```
 */
export const text: Plugin = {
  manifest: {
    name: '@transfuse/adapters/text',
    version: '0.0.0',
    api: '^1.0.0',
    provides: ['discrete-adapter:bpe', 'discrete-adapter:huggingface'],
  },
  contributions: [bpe, huggingface],
};

/** Node's file system is asked for only when a path is given, so the module also loads in a browser. */
async function readFile(file: string): Promise<Uint8Array> {
  try {
    const files = await import('node:fs/promises');
    return await files.readFile(file);
  } catch (cause) {
    throw new TransfuseError({
      code: 'tokenizer.invalid',
      place: file,
      found: 'no file that can be read',
      expected: 'a tokenizer.json',
      mend: 'Correct the path in the setting `file`.',
      cause,
    });
  }
}

function withoutTokenizer(adapter: string, mend: string): TransfuseError {
  return new TransfuseError({
    code: 'tokenizer.invalid',
    place: `discrete-adapter:${adapter}`,
    found: 'neither a stored tokenizer nor a source for one',
    expected: 'a tokenizer to load or to make',
    mend,
  });
}
