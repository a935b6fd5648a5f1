/*
 * Reading a Hugging Face `tokenizer.json`: the one place where its content is checked. It yields the file with the parts
 * that may be left out filled in, and the table of tokens by id. What a tokenizer does with text is not decided here.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** The content of a `tokenizer.json`, as `JSON.parse` yields it. */
export interface TokenizerFile {
  readonly model: object;
  readonly [field: string]: unknown;
}

/** A checked tokenizer file. */
export interface ReadTokenizer {
  readonly file: TokenizerFile;
  readonly model: Readonly<Record<string, unknown>>;
  /** Token by id; ids may have gaps. */
  readonly tokens: readonly (string | undefined)[];
  /** Ids of tokens that stand for their own content, whatever the decoder is. */
  readonly addedIds: ReadonlySet<number>;
}

const largestId = 2 ** 31 - 2;

/**
 * Checks a tokenizer file.
 *
 * @param source the parsed file, or its bytes
 * @param place how error messages name it
 * @throws TransfuseError `tokenizer.invalid`
 */
export function readTokenizerFile(source: TokenizerFile | Uint8Array, place: string): ReadTokenizer {
  const parsed = source instanceof Uint8Array ? parse(source, place) : source;
  if (!isRecord(parsed)) throw invalid(place, describe(parsed), 'an object');
  const { model } = parsed;
  if (!isRecord(model)) throw invalid(`${place}: model`, describe(model), 'an object with the vocabulary');

  const tokens: (string | undefined)[] = [];
  const typed = { ...model, type: model['type'] ?? inferType(model) };
  for (const [token, id] of readVocabulary(model['vocab'], `${place}: model.vocab`)) {
    if (tokens[id] !== undefined) {
      throw invalid(
        `${place}: model.vocab`,
        `id ${id} for both ${quote(tokens[id])} and ${quote(token)}`,
        'one token per id',
      );
    }
    tokens[id] = token;
  }
  if (typed.type === 'BPE') checkMerges(typed, place);

  const addedTokens = parsed['added_tokens'] ?? [];
  if (!Array.isArray(addedTokens)) throw invalid(`${place}: added_tokens`, describe(addedTokens), 'an array');
  const addedIds = new Set<number>();
  addedTokens.forEach((added: unknown, index) => {
    const at = `${place}: added_tokens[${index}]`;
    if (!isRecord(added) || typeof added['content'] !== 'string')
      throw invalid(at, describe(added), 'an object with content and id');
    const id = checkId(added['id'], at);
    tokens[id] = added['content'];
    addedIds.add(id);
  });
  if (tokens.length === 0) throw invalid(`${place}: model.vocab`, 'no tokens', 'at least one token');

  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return { file: { ...absent, ...parsed, added_tokens: addedTokens, model: typed }, model: typed, tokens, addedIds };
}

/** The error for a tokenizer file that cannot be used. */
export function invalid(place: string, found: string, expected: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'tokenizer.invalid',
    place,
    found,
    expected,
    mend: 'Use a tokenizer.json as the Hugging Face tokenizers library writes it.',
    cause,
  });
}

function parse(bytes: Uint8Array, place: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(place, `${bytes.length} bytes that are not JSON`, 'a JSON object in UTF-8', cause);
  }
}

/** Old files leave the type out. */
function inferType(model: Readonly<Record<string, unknown>>): string | undefined {
  if ('merges' in model) return 'BPE';
  return Array.isArray(model['vocab']) ? 'Unigram' : undefined;
}

/** Pairs of token and id: an object of ids for most models, an array of `[token, score]` for Unigram. */
function readVocabulary(vocabulary: unknown, place: string): [string, number][] {
  if (Array.isArray(vocabulary)) {
    return vocabulary.map((entry: unknown, id) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number') {
        throw invalid(`${place}[${id}]`, describe(entry), 'a pair of token and score');
      }
      return [entry[0], id];
    });
  }
  if (!isRecord(vocabulary)) throw invalid(place, describe(vocabulary), 'an object of token ids');
  return Object.entries(vocabulary).map(([token, id]) => [token, checkId(id, `${place}[${quote(token)}]`)]);
}

/** Every merge must join two tokens to a third: otherwise the encoder would drop text without a word. */
function checkMerges(model: Readonly<Record<string, unknown>>, place: string): void {
  const { merges, vocab, continuing_subword_prefix: prefix } = model;
  if (typeof prefix === 'string' && prefix !== '') {
    throw invalid(
      `${place}: model.continuing_subword_prefix`,
      quote(prefix),
      'null, the only form that can be encoded here',
    );
  }
  if (!Array.isArray(merges)) throw invalid(`${place}: model.merges`, describe(merges), 'an array');
  if (!isRecord(vocab)) throw invalid(`${place}: model.vocab`, describe(vocab), 'an object of token ids');
  const asPairs = Array.isArray(merges[0]);
  merges.forEach((merge: unknown, index) => {
    const parts: unknown = asPairs ? merge : typeof merge === 'string' ? merge.split(' ') : undefined;
    const at = `${place}: model.merges[${index}]`;
    if (!Array.isArray(parts) || parts.length !== 2) throw invalid(at, describe(merge), 'two tokens');
    for (const token of [...parts, `${parts[0]}${parts[1]}`]) {
      if (typeof token !== 'string' || !Object.hasOwn(vocab, token)) {
        throw invalid(at, `${describe(token)}, which is not in the vocabulary`, 'tokens of the vocabulary');
      }
    }
  });
}

function checkId(id: unknown, place: string): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= largestId) return id;
  throw invalid(place, `the id ${describe(id)}`, `an integer from 0 to ${largestId}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(token: string | undefined): string {
  return JSON.stringify(token) ?? 'nothing';
}

/** A short name for what was found. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
