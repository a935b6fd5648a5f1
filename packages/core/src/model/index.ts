export { attentionMask, mayAttend } from '../sequence/attention-mask.ts';
export {
  type BlockLayout,
  type DocumentLayout,
  type EncodedSegment,
  layOutDocument,
  noTarget,
  slot,
} from '../sequence/document-layout.ts';
export { type DocumentLanes, lanePlaces, type LanePlaces } from '../sequence/document-lanes.ts';
export {
  type BatchShape,
  type CountedKind,
  createRowPacker,
  type PackedRows,
  packRows,
  type PlacedBlock,
  type RowPacker,
} from '../sequence/pack-rows.ts';
export type { BlockKind } from '../sequence/block-kind.ts';
export { type BlockModality, type BlockTokens, createVocabulary, type Vocabulary } from '../sequence/vocabulary.ts';
export { transformer, type TransformerContext, type TransformerResult } from './transformer.ts';
export type { LaneTensors } from './head-layout.ts';
export type { TransformerConfig } from './transformer-config.ts';
export {
  defineModel,
  embedTokens,
  languageHead,
  type ModelOptions,
  type TransfusionModel,
} from './transfusion-model.ts';
export type { CachedPrefix, KeysAndValues } from './attention.ts';
