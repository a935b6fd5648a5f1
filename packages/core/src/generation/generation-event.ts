import type { DenoisingState } from './denoising-state.ts';

/** What a generation yields, in the order it happens. */
export type GenerationEvent =
  /** One token was chosen. */
  | { readonly type: 'token'; readonly modality: string; readonly id: number; readonly logProbability: number }
  /** New text that can be shown; never half a character. */
  | { readonly type: 'text'; readonly delta: string }
  /** A block begins whose modality has several shapes; the model decided this one, or the caller. */
  | { readonly type: 'shape'; readonly modality: string; readonly latentShape: readonly number[] }
  /** One denoising step of a block was done. */
  | {
      readonly type: 'step';
      readonly modality: string;
      /** From 1. */
      readonly step: number;
      readonly of: number;
      /** Whether the network was asked, or a step cache's forecast stood in for it. */
      readonly source: 'network' | 'forecast';
      /** Decodes the network's present estimate of the clean value. */
      readonly preview: () => Promise<unknown>;
      /** Where the block stands; stored (`denoisingToFiles`) and given back as `{ want, resume }`, it goes on to the same result. */
      readonly state: DenoisingState;
    }
  /** A segment is complete: a text, or a decoded value of a continuous modality. */
  | { readonly type: 'segment'; readonly modality: string; readonly value: unknown }
  /** The last event. */
  | { readonly type: 'end'; readonly reason: EndReason; readonly tokens: number; readonly blocks: number };

/** Why a generation ended. */
export type EndReason =
  | 'end-of-document'
  | 'fulfilled'
  | 'stop-string'
  | 'maximum-tokens'
  | 'maximum-blocks'
  | 'sequence-length';
